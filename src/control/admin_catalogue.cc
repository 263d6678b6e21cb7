#include "control/admin_api.h"
#include "control/catalogue_report.h"
#include "runtime/offload.h"

namespace portolan::control {
namespace {

Result<Reply> catalogue_reply(const ParitySnapshot& snapshot, const std::string& region,
                              const seal::Signer& signer) {
  TRY(const auto facts, report_catalogue(snapshot, region));
  Reply reply;
  reply.body = seal::sign_catalogue(facts, signer) + "\n";
  reply.content_type = "application/jose";  // RFC 7515, section 9.2.1
  return reply;
}

}  // namespace

runtime::Task<Result<Reply>> AdminApi::get_catalogue(AdminCall call) {
  auto work = [snapshot = parity_snapshot(control_.state(), control_.gateways(), shard_.wall_now()),
               region = std::move(call.names.front()),
               signer = control_.signer()] { return catalogue_reply(snapshot, region, signer); };
  auto offloaded = runtime::offload(shard_, std::move(work));
  auto reply = co_await offloaded;
  co_return reply;
}

}  // namespace portolan::control

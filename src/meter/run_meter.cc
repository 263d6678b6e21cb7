#include "meter/run_meter.h"

#include <memory>
#include <utility>

#include "http/server.h"
#include "meter/meter.h"
#include "meter/meter_api.h"
#include "store/sqlite_ledger.h"

namespace portolan::meter {
namespace {

constexpr Duration drain_time = Duration::seconds(5);  // for answers to go out

// Beside the ledger.
std::string revoked_path(const RunOptions& options) {
  return options.ledger == ":memory:" ? std::string() : options.ledger + ".revoked-machines";
}

runtime::Task<Status> serve(runtime::Shard& shard, const RunOptions& options, Meter& meter,
                            std::function<void(const runtime::Address&)>& tell,
                            runtime::Event& stop) {
  CO_TRY_DO(co_await meter.report_state());
  CO_TRY(auto revoked, RevokedMachines::open(shard, revoked_path(options)));
  auto mutual = options.tls;
  mutual.require_peer = true;
  CO_TRY(const auto own, shard.network().make_credentials(mutual));
  CO_TRY(auto listener, shard.network().listen(
                            {.address = options.listen, .share_port = false, .credentials = own}));
  const auto address = listener->address();
  MeterApi api(shard, meter, revoked, options.network);
  http::Server server(shard, api, {});
  server.serve(std::move(listener));
  tell(address);
  const Status stopped = co_await stop.wait();
  shard.report(stopped ? "the meter is draining" : "the meter is stopping");
  const Instant drained_by = shard.now() + drain_time;
  co_await server.drain(drained_by);
  co_return Status{};
}

}  // namespace

runtime::Task<Status> run_meter(runtime::Shard& shard, RunOptions& options,
                                std::function<void(const runtime::Address&)> tell,
                                runtime::Event& stop) {
  store::SqliteLedger::Options ledger_options;
  ledger_options.path = options.ledger;
  CO_TRY(auto ledger, co_await store::SqliteLedger::open(shard, ledger_options));
  Meter meter(shard, *ledger);
  auto served = co_await serve(shard, options, meter, tell, stop);
  co_await ledger->close();
  co_return served;
}

}  // namespace portolan::meter

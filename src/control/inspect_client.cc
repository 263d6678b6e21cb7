#include "control/inspect_client.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/combine.h"
#include "wire/json_cursor.h"

namespace portolan::control {
namespace {

// An answer of another status, as the fault that it tells of.
Fault refused(int status, const std::string& body) {
  const auto json = wire::parse_json(body, Code::malformed_peer);
  const auto* error = json ? json->find("error") : nullptr;
  if (error != nullptr) {
    const wire::JsonCursor said(*error, Code::malformed_peer);
    const auto code = said.text("code");
    const auto message = said.text("message");
    if (code && message) {
      return {code_named(*code).value_or(Code::malformed_peer), Retry::never,
              std::string(*message)};
    }
  }
  return {Code::malformed_peer, Retry::never,
          fmt::format("The gateway answers {} and does not say why. One of an older release cannot "
                      "be inspected.",
                      status)};
}

}  // namespace

Duration clock_ahead(const ClockReading& reading) {
  return ((reading.asked - reading.sent) + (reading.answered - reading.received)) / 2;
}

Duration clock_doubt(const ClockReading& reading) {
  return ((reading.received - reading.sent) - (reading.answered - reading.asked)) / 2;
}

runtime::Task<Result<Inspected>> InspectClient::ask(http::Pool& pool,
                                                    world::InspectionRequest request,
                                                    Instant deadline) {
  CO_TRY(auto exchange, co_await pool.connect(deadline));
  http::OwnedFields fields{{"content-type", "application/json"}};
  std::string target(world::inspect_path);
  std::string body = world::encode_inspection_request(request);
  ClockReading reading;
  reading.sent = shard_.wall_now();
  CO_TRY_DO(co_await exchange.send("POST", std::move(target), std::move(fields), std::move(body)));
  CO_TRY(const wire::ResponseHead* head, co_await exchange.read_head());
  reading.received = shard_.wall_now();
  const int status = head->status;
  CO_TRY(const auto answer, co_await exchange.read_all(world::inspect_answer_bytes_max.count()));
  if (status != 200) co_return refused(status, answer);
  Inspected inspected;
  CO_TRY(inspected.said, world::decode_inspection(answer));
  reading.asked = inspected.said.asked;
  reading.answered = inspected.said.answered;
  inspected.clock_ahead = clock_ahead(reading);
  inspected.clock_doubt = clock_doubt(reading);
  co_return std::move(inspected);
}

runtime::Task<Result<Inspected>> InspectClient::inspect(InspectedGateway gateway,
                                                        world::InspectionRequest request) {
  http::Origin origin;
  origin.address = std::move(gateway.hop);
  origin.credentials = own_;
  origin.identity = std::move(gateway.identity);
  http::Pool pool(shard_, std::move(origin));
  const Instant deadline = shard_.now() + request.within + inspect_grace_ms.milliseconds();
  auto asking = ask(pool, std::move(request), deadline);
  auto inspected = co_await runtime::until(shard_, deadline, std::move(asking));
  co_await pool.close();
  co_return inspected;
}

}  // namespace portolan::control

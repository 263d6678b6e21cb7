#include "control/meter_client.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/combine.h"
#include "seal/identity.h"
#include "wire/json_cursor.h"

namespace portolan::control {
namespace {

constexpr Duration answer_time = Duration::seconds(30);

// What the meter answered, as a value or as the fault that it tells of.
Result<wire::Json> read_answer(const http::Answer& answer) {
  TRY(auto json, wire::parse_json(answer.body, Code::malformed_peer));
  if (answer.status == 200) return json;
  const auto* error = json.find("error");
  if (error == nullptr) {
    return Fault{Code::malformed_peer, Retry::never,
                 fmt::format("The meter answers {} and does not say why.", answer.status)};
  }
  const wire::JsonCursor said(*error, Code::malformed_peer);
  TRY(const auto code, said.text("code"));
  TRY(const auto message, said.text("message"));
  return Fault{code_named(code).value_or(Code::malformed_peer), Retry::never, std::string(message)};
}

}  // namespace

MeterClient::MeterClient(runtime::Shard& shard, const Control& control, std::string network,
                         const std::vector<runtime::Address>& meters,
                         std::shared_ptr<const runtime::Credentials> own)
    : shard_(shard), control_(control), network_(std::move(network)) {
  for (const auto& meter : meters) {
    http::Origin origin;
    origin.address = meter;
    origin.credentials = own;
    pools_.push_back(std::make_unique<http::Pool>(shard, std::move(origin)));
  }
}

Status MeterClient::check_peer(const http::ClientExchange& exchange) const {
  TRY(const auto identity, seal::parse_identity(exchange.peer_identity()));
  if (identity.kind != seal::Identity::Kind::meter || identity.network != network_) {
    return Fault{Code::untrusted_peer, Retry::elsewhere,
                 fmt::format("the peer is {}, no meter of this network", exchange.peer_identity())};
  }
  if (!control_.is_revoked(identity.id)) return {};
  return Fault{Code::untrusted_peer, Retry::elsewhere,
               fmt::format("the meter '{}' was revoked", identity.id)};
}

runtime::Task<Result<http::Answer>> MeterClient::converse(http::ClientExchange& exchange,
                                                          http::Request request) {
  CO_TRY_DO(check_peer(exchange));
  CO_TRY_DO(co_await exchange.send(request.method, request.target, request.fields, request.body));
  CO_TRY(const wire::ResponseHead* head, co_await exchange.read_head());
  http::Answer answer;
  answer.status = head->status;
  CO_TRY(answer.body, co_await exchange.read_all(limits::body_bytes_max.count()));
  co_return answer;
}

// Once more on a new connection when a kept-alive one died: a meter that was
// started again is there, and has forgotten its connections.
runtime::Task<Result<http::Answer>> MeterClient::ask_within(http::Pool& pool, http::Request request,
                                                            Instant deadline) {
  {
    CO_TRY(auto exchange, co_await pool.borrow(deadline));
    auto answer = co_await converse(exchange, request);
    if (answer || !exchange.reused()) co_return answer;
  }
  CO_TRY(auto exchange, co_await pool.connect(deadline));
  auto answer = co_await converse(exchange, request);
  co_return answer;
}

runtime::Task<Result<http::Answer>> MeterClient::ask_one(http::Pool& pool, http::Request request) {
  const Instant deadline = shard_.now() + answer_time;
  auto asking = ask_within(pool, std::move(request), deadline);
  auto answer = co_await runtime::until(shard_, deadline, std::move(asking));
  co_return answer;
}

runtime::Task<Result<wire::Json>> MeterClient::ask(std::string target) {
  if (pools_.empty()) {
    co_return Fault{Code::resource_not_found, Retry::never,
                    "This control was started without --meter, so it has no ledger to ask."};
  }
  std::string why;
  http::Request request;
  request.target = std::move(target);
  for (const auto& pool : pools_) {
    auto answer = co_await ask_one(*pool, request);
    if (answer) co_return read_answer(*answer);
    why += fmt::format("{}{}: {}", why.empty() ? "" : "; ",
                       runtime::to_string(pool->origin().address), answer.error().message);
  }
  co_return Fault{Code::unreachable, Retry::later,
                  fmt::format("No meter answers ({}). Nothing is lost: gateways keep their records "
                              "until one does.",
                              why)};
}

runtime::Task<Status> MeterClient::tell(std::string target, std::string body) {
  http::Request request;
  request.method = "PUT";
  request.target = std::move(target);
  request.fields = {{"content-type", "application/json"}};
  request.body = std::move(body);
  Status all;
  for (const auto& pool : pools_) {
    const auto answer = co_await ask_one(*pool, request);
    const auto said = answer ? read_answer(*answer) : Result<wire::Json>(answer.error());
    if (!said) all = said.error();
  }
  co_return all;
}

runtime::Task<void> MeterClient::close() {
  for (const auto& pool : pools_) co_await pool->close();
}

}  // namespace portolan::control

#include "gateway/engine_question.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dialect/client_headers.h"
#include "gateway/inspect_limits.h"
#include "runtime/combine.h"

namespace portolan::gateway {
namespace {

http::OwnedFields fields_for(const AskedEngine& asked, const std::string& secret) {
  http::OwnedFields fields;
  for (auto& [name, value] : dialect::engine_headers(wire::Fields(), asked.engine, secret, "")) {
    if (name != dialect::request_id_field) fields.push_back({std::move(name), std::move(value)});
  }
  fields.push_back({"content-type", "application/json"});
  return fields;
}

runtime::Task<Result<std::string>> converse(AskedEngine& asked, EngineQuestion question,
                                            Instant deadline) {
  CO_TRY(http::Pool * pool, asked.gateway.connections().to_engine(asked.engine));
  CO_TRY(const std::string secret, asked.gateway.secret_of(asked.engine));
  const http::OwnedFields fields = fields_for(asked, secret);
  const std::string target = dialect::engine_target(asked.engine, question.path);
  const Instant connected_by =
      std::min(deadline, asked.gateway.shard().now() + limits::connect_timeout_ms.milliseconds());
  auto connected = co_await pool->connect(connected_by);
  if (!connected) {
    const Fault& fault = connected.error();
    // One that did not come in time may be late for this question alone.
    const bool dead = fault.code == Code::connection_refused;
    if (dead) asked.gateway.engines().connection_failed(asked.engine.url);
    co_return fault;
  }
  http::ClientExchange connection = std::move(*connected);
  const std::string method = question.body.empty() ? "GET" : "POST";
  CO_TRY_DO(co_await connection.send(method, target, fields, std::move(question.body)));
  CO_TRY(const wire::ResponseHead* head, co_await connection.read_head());
  if (head->status != 200) {
    co_return Fault{Code::engine_failed, Retry::later, fmt::format("it answers {}", head->status)};
  }
  CO_TRY(auto body, co_await connection.read_all(inspect_engine_bytes_max.count()));
  co_return std::move(body);
}

}  // namespace

runtime::Task<Result<std::string>> ask_engine(AskedEngine& asked, EngineQuestion question) {
  const std::string path = question.path;
  runtime::Shard& shard = asked.gateway.shard();
  const Instant deadline =
      std::min(asked.deadline, shard.now() + inspect_engine_call_ms.milliseconds());
  auto conversing = converse(asked, std::move(question), deadline);
  auto body = co_await runtime::until(shard, deadline, std::move(conversing));
  if (!body) {
    const Fault& fault = body.error();
    co_return Fault{fault.code, fault.retry, fmt::format("{}: {}", path, fault.message)};
  }
  co_return body;
}

bool ends_questions(const Fault& fault) {
  return fault.code == Code::cancelled || fault.code == Code::deadline_exceeded ||
         fault.code == Code::unreachable || fault.code == Code::overloaded;
}

}  // namespace portolan::gateway

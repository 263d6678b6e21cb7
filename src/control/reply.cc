#include "control/reply.h"

#include <fmt/format.h>

namespace portolan::control {
namespace {

// What a peer of control did wrong is its own mistake, no bad gateway.
int status_of(Code code) {
  if (code == Code::untrusted_peer) return 403;
  if (code == Code::malformed_peer) return 400;
  if (code == Code::unsupported_version) return 400;
  if (code == Code::limit_exceeded) return 400;
  return facts_of(code).http_status;
}

wire::Json error_json(const Fault& fault, std::string_view request_id) {
  const auto& facts = facts_of(fault.code);
  auto error = wire::Json::object();
  error.set("code", facts.name);
  error.set("message", fault.message.empty() ? facts.meaning : std::string_view(fault.message));
  error.set("request_id", request_id);
  error.set("remedy", facts.remedy);
  return error;
}

Reply error_reply(int status, wire::Json error) {
  auto json = wire::Json::object();
  json.set("error", std::move(error));
  return json_reply(json, status);
}

}  // namespace

Reply json_reply(const wire::Json& json, int status) {
  Reply reply;
  reply.status = status;
  reply.body = wire::render_pretty(json) + '\n';
  return reply;
}

Reply fault_reply(const Fault& fault, std::string_view request_id) {
  return error_reply(status_of(fault.code), error_json(fault, request_id));
}

Reply problems_reply(const std::vector<world::Problem>& problems, std::string_view request_id) {
  auto list = wire::Json::array();
  for (const auto& problem : problems) {
    auto json = wire::Json::object();
    json.set("file", problem.file);
    json.set("line", problem.place.line);
    json.set("column", problem.place.column);
    json.set("sentence", problem.sentence);
    list.push(std::move(json));
  }
  const Fault fault{
      Code::invalid_resource, Retry::never,
      fmt::format("{} problem{}; nothing was changed. The first: {}", problems.size(),
                  problems.size() == 1 ? "" : "s", world::render_problem(problems.front()))};
  auto error = error_json(fault, request_id);
  error.set("problems", std::move(list));
  return error_reply(facts_of(fault.code).http_status, std::move(error));
}

runtime::Task<Status> send_reply(http::Exchange& exchange, Reply reply) {
  http::OwnedFields fields{{"content-type", std::move(reply.content_type)},
                           {"cache-control", "no-store"}};
  if (!reply.allow.empty()) fields.push_back({"allow", std::move(reply.allow)});
  auto status = co_await exchange.respond(reply.status, std::move(fields), std::move(reply.body));
  co_return status;
}

}  // namespace portolan::control

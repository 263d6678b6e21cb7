#include "http/json_reply.h"

#include <fmt/format.h>

namespace portolan::http {
namespace {

int status_of(Code code) {
  if (code == Code::untrusted_peer) return 403;
  if (code == Code::malformed_peer) return 400;
  if (code == Code::unsupported_version) return 400;
  if (code == Code::limit_exceeded) return 400;
  return facts_of(code).http_status;
}

}  // namespace

wire::Json fault_json(const Fault& fault, std::string_view request_id) {
  const auto& facts = facts_of(fault.code);
  auto error = wire::Json::object();
  error.set("code", facts.name);
  error.set("message", fault.message.empty() ? facts.meaning : std::string_view(fault.message));
  error.set("request_id", request_id);
  error.set("remedy", facts.remedy);
  error.set("retry", name_of(fault.retry));
  return error;
}

Reply error_reply(int status, wire::Json error) {
  auto json = wire::Json::object();
  json.set("error", std::move(error));
  return json_reply(json, status);
}

Reply json_reply(const wire::Json& json, int status) {
  Reply reply;
  reply.status = status;
  reply.body = wire::render_pretty(json) + '\n';
  return reply;
}

Reply fault_reply(const Fault& fault, std::string_view request_id) {
  return error_reply(status_of(fault.code), fault_json(fault, request_id));
}

runtime::Task<Status> send_reply(Exchange& exchange, Reply reply) {
  OwnedFields fields{{"content-type", std::move(reply.content_type)},
                     {"cache-control", "no-store"}};
  if (!reply.allow.empty()) fields.push_back({"allow", std::move(reply.allow)});
  if (!reply.warning.empty()) fields.push_back({"portolan-warning", std::move(reply.warning)});
  if (reply.status == 503) fields.push_back({"retry-after", "1"});
  auto status = co_await exchange.respond(reply.status, std::move(fields), std::move(reply.body));
  co_return status;
}

std::string RequestIds::next() { return fmt::format("{}-{:08x}-{}", prefix_, start_, ++count_); }

}  // namespace portolan::http

#include "control/webhook_post.h"

#include <fmt/format.h>

#include "runtime/combine.h"
#include "seal/hmac.h"

namespace portolan::control {
namespace {

runtime::Task<Status> post(http::Pool& pool, WebhookPlace place, std::string event,
                           Instant deadline) {
  CO_TRY(auto exchange, co_await pool.connect(deadline));
  const std::string method = "POST";
  const std::string target = place.url.path_prefix.empty() ? "/" : place.url.path_prefix;
  const http::OwnedFields fields = {{"content-type", "application/json"},
                                    {"portolan-signature", webhook_signature(place, event)}};
  CO_TRY_DO(co_await exchange.send(method, target, fields, event));
  CO_TRY(const wire::ResponseHead* head, co_await exchange.read_head());
  const int status = head->status;
  if (status >= 200 && status < 300) co_return Status{};
  const char* more = status >= 300 && status < 400 ? "; redirects are not followed" : "";
  co_return Fault{Code::unreachable, Retry::later, fmt::format("it answers {}{}", status, more)};
}

}  // namespace

std::string webhook_signature(const WebhookPlace& place, std::string_view body) {
  return "sha256=" + seal::hmac_sha256_hex(place.secret, body);
}

runtime::Task<Status> post_event(http::Pool& pool, WebhookPlace place, std::string event) {
  auto& shard = pool.shard();
  const Instant deadline = shard.now() + webhook_answer_ms.milliseconds();
  auto posting = post(pool, std::move(place), std::move(event), deadline);
  const Status posted = co_await runtime::until(shard, deadline, std::move(posting));
  if (posted || posted.error().code != Code::deadline_exceeded) co_return posted;
  co_return Fault{Code::timed_out, Retry::later,
                  fmt::format("it does not answer within {} ms", webhook_answer_ms.value)};
}

}  // namespace portolan::control

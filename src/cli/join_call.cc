#include "cli/join_call.h"

#include <optional>
#include <utility>

#include "runtime/combine.h"
#include "runtime/epoll_shard.h"
#include "seal/identity.h"
#include "wire/url.h"

namespace portolan::cli {
namespace {

constexpr Duration call_timeout = Duration::seconds(30);

Status check_control(const std::string& peer) {
  const auto identity = seal::parse_identity(peer);
  if (identity && identity->kind == seal::Identity::Kind::control) return {};
  return Fault{Code::untrusted_peer, Retry::never,
               "the peer is '" + peer + "', no control; nothing was sent to it"};
}

runtime::Task<Result<http::Answer>> ask(http::Pool& pool, bool tls, http::Request request,
                                        Instant deadline) {
  CO_TRY(auto exchange, co_await pool.connect(deadline));
  if (tls) {
    CO_TRY_DO(check_control(exchange.peer_identity()));
  }
  const std::size_t bytes_max = request.answer_bytes_max;
  CO_TRY_DO(co_await exchange.send(std::move(request.method), std::move(request.target),
                                   std::move(request.fields), std::move(request.body)));
  CO_TRY(const auto head, co_await exchange.read_head());
  http::Answer answer;
  answer.status = head->status;
  for (const wire::Field field : head->fields) {
    answer.fields.push_back({std::string(field.name), std::string(field.value)});
  }
  CO_TRY(answer.body, co_await exchange.read_all(bytes_max));
  co_return answer;
}

runtime::Task<void> run(runtime::Shard& shard, http::Origin& origin, http::Request& request,
                        std::optional<Result<http::Answer>>& into) {
  const bool tls = origin.credentials != nullptr;
  http::Pool pool(shard, std::move(origin));
  const Instant deadline = shard.now() + call_timeout;
  auto asking = ask(pool, tls, std::move(request), deadline);
  auto answer = co_await runtime::until(shard, deadline, std::move(asking));
  co_await pool.close();
  into.emplace(std::move(answer));
}

}  // namespace

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Result<http::Answer> call_control(const std::string& url, runtime::TlsMaterial trust,
                                  http::Request request) {
  TRY(const wire::Url parsed, wire::parse_url(url, Code::invalid_parameter));
  if (!parsed.tls && !is_loopback(parsed.host)) {
    return Fault{Code::invalid_parameter, Retry::never,
                 url + " would be spoken to in clear; give an https URL"};
  }
  runtime::EpollShard shard;
  http::Origin origin;
  origin.address = {parsed.host, parsed.port};
  if (parsed.tls) {
    TRY(origin.credentials, shard.network().make_credentials(std::move(trust)));
  }
  request.target = parsed.path_prefix + request.target;
  std::optional<Result<http::Answer>> answer;
  shard.run(run(shard, origin, request, answer));
  return std::move(*answer);
}

}  // namespace portolan::cli

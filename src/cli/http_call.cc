#include "cli/http_call.h"

#include <optional>
#include <utility>

#include "runtime/combine.h"
#include "runtime/epoll_shard.h"
#include "wire/url.h"

namespace portolan::cli {
namespace {

constexpr Duration call_timeout = Duration::seconds(30);

runtime::Task<Result<http::Answer>> ask(runtime::Shard& shard, http::Origin origin,
                                        http::Request request) {
  http::Pool pool(shard, std::move(origin));
  const Instant deadline = shard.now() + call_timeout;
  auto fetching = http::fetch(pool, std::move(request), deadline);
  auto answer = co_await runtime::until(shard, deadline, std::move(fetching));
  co_await pool.close();
  co_return answer;
}

runtime::Task<void> run(runtime::Shard& shard, http::Origin& origin, http::Request& request,
                        std::optional<Result<http::Answer>>& into) {
  auto answer = co_await ask(shard, origin, request);
  into.emplace(std::move(answer));
}

}  // namespace

Result<http::Answer> call_url(const std::string& url, http::Request request) {
  TRY(const wire::Url parsed, wire::parse_url(url));
  runtime::EpollShard shard;
  http::Origin origin;
  origin.address = {parsed.host, parsed.port};
  if (parsed.tls) {
    TRY(origin.credentials, shard.network().make_credentials({}));
    origin.server_name = parsed.host;
  }
  request.target = parsed.path_prefix + request.target;
  std::optional<Result<http::Answer>> answer;
  shard.run(run(shard, origin, request, answer));
  return std::move(*answer);
}

}  // namespace portolan::cli

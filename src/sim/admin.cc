#include "sim/admin.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/wait.h"
#include "wire/json_value.h"

namespace portolan::sim {
namespace {

constexpr int tries_max = 20;
constexpr Duration answer_time = Duration::seconds(5);
constexpr Duration between_tries = Duration::milliseconds(500);

std::string text_of(const wire::Json& json, std::string_view member) {
  const wire::Json* found = json.find(member);
  return found != nullptr && found->as_string() != nullptr ? *found->as_string() : std::string();
}

}  // namespace

runtime::Task<Result<http::Answer>> Admin::ask(http::Request request) {
  http::Pool pool(shard_, http::Origin{control_, nullptr, {}, {}});
  auto answer = co_await http::fetch(pool, std::move(request), shard_.now() + answer_time);
  co_await pool.close();
  co_return answer;
}

runtime::Task<Result<std::string>> Admin::call(std::string method, std::string target,
                                               std::string body) {
  http::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.fields = {{"authorization", "Bearer " + key_}};
  request.body = std::move(body);
  Fault last{Code::unreachable, Retry::later, "never asked"};
  for (int tries = 0; tries < tries_max; ++tries) {
    auto answer = co_await ask(request);
    if (answer && answer->status < 300) co_return std::move(answer->body);
    if (answer && answer->status < 500) {
      co_return Fault{Code::invalid_resource, Retry::never,
                      fmt::format("{} {}: {}", request.method, request.target, answer->body)};
    }
    last = answer ? Fault{Code::unreachable, Retry::later, answer->body} : answer.error();
    CO_TRY_DO(co_await runtime::sleep_for(shard_, between_tries));
  }
  co_return last;
}

runtime::Task<Result<std::string>> Admin::apply(std::string resources) {
  CO_TRY(const auto told,
         co_await call("POST", "/admin/v1/apply?break_glass=1&reason=story", std::move(resources)));
  CO_TRY(const wire::Json json, wire::parse_json(told));
  const wire::Json* world = json.find("world");
  co_return world == nullptr ? std::string() : text_of(*world, "hash");
}

runtime::Task<Result<MadeKey>> Admin::create_key(std::string workspace) {
  std::string body = fmt::format(R"({{"workspace":"{}"}})", workspace);
  CO_TRY(const std::string told, co_await call("POST", "/admin/v1/keys", std::move(body)));
  CO_TRY(const wire::Json json, wire::parse_json(told));
  co_return MadeKey{text_of(json, "id"), text_of(json, "key")};
}

runtime::Task<Status> Admin::revoke_key(std::string id) {
  CO_TRY(const auto told, co_await call("DELETE", "/admin/v1/keys/" + id, {}));
  co_return Status{};
}

runtime::Task<Status> Admin::drain(std::string place) {
  std::string body = fmt::format(R"({{"drain":"{}"}})", place);
  CO_TRY(const auto told, co_await call("POST", "/admin/v1/restrictions", std::move(body)));
  co_return Status{};
}

runtime::Task<Status> Admin::lift_drain(std::string place) {
  CO_TRY(const auto told, co_await call("DELETE", "/admin/v1/restrictions/drain/" + place, {}));
  co_return Status{};
}

}  // namespace portolan::sim

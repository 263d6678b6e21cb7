#include <fmt/format.h>

#include <utility>

#include "runtime/combine.h"
#include "store/etcd_members.h"
#include "store/etcd_messages.h"
#include "store/etcd_version.h"

namespace portolan::store {
namespace {

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

// Whether one without a certificate may read keys.
runtime::Task<Status> EtcdMembers::check_strangers(std::size_t member) {
  const auto& address = options_.addresses[member];
  EtcdSetting setting{.tls = options_.credentials != nullptr,
                      .loopback = is_loopback(address.host),
                      .answers_strangers = false};
  if (setting.tls && !setting.loopback) {
    http::Pool pool(shard_, {.address = address,
                             .credentials = options_.stranger,
                             .server_name = address.host,
                             .identity = ""});
    http::Request request{.method = "POST",
                          .target = "/v3/kv/range",
                          .fields = {{"content-type", "application/json"}},
                          .body = render_range({.key = std::string(1, '\0'), .end = ""}),
                          .answer_bytes_max = etcd_answer_bytes_max.count()};
    const Instant deadline = shard_.now() + etcd_attempt_ms.milliseconds();
    const auto answer = co_await http::fetch(pool, request, deadline);
    setting.answers_strangers = answer && answer->status == 200;
    co_await pool.close();
  }
  co_return check_etcd_setting(setting, name_of(member));
}

runtime::Task<Status> EtcdMembers::accept(std::size_t member) {
  CO_TRY_DO(co_await check_strangers(member));
  const Instant deadline = shard_.now() + etcd_attempt_ms.milliseconds();
  auto asking = converse(member, "/v3/maintenance/status", "{}");
  const auto status = co_await runtime::until(shard_, deadline, std::move(asking));
  if (!status) {
    Fault fault = status.error();
    // Nothing but its state was asked for.
    if (fault.code == Code::timed_out || fault.code == Code::deadline_exceeded) {
      fault.code = Code::unreachable;
    }
    co_return fault;
  }
  const auto* version = status->find("version");
  const auto* text = version != nullptr ? version->as_string() : nullptr;
  const Status known = check_etcd_version(text != nullptr ? *text : "");
  if (!known) {
    co_return Fault{Code::bad_configuration, Retry::never,
                    fmt::format("{}: {}", name_of(member), known.error().message)};
  }
  members_[member].accepted = true;
  co_return Status{};
}

// NOSPACE shows at the first write, and reads go on; of CORRUPT nothing may be believed.
runtime::Task<Status> EtcdMembers::check_alarms() {
  CO_TRY(const auto answer, co_await ask("/v3/maintenance/alarm", R"({"action":"GET"})"));
  const auto* alarms = answer.find("alarms");
  const auto* list = alarms != nullptr ? alarms->as_array() : nullptr;
  if (list == nullptr) co_return Status{};
  for (const auto& alarm : *list) {
    const auto* kind = alarm.find("alarm");
    if (kind == nullptr || *kind != wire::Json("CORRUPT")) continue;
    co_return Fault{Code::store_failed, Retry::never,
                    "etcd has raised the alarm CORRUPT: its members hold different data. Repair "
                    "the cluster, or restore it, before anything is read from it."};
  }
  co_return Status{};
}

runtime::Task<Status> EtcdMembers::accept_all() {
  for (std::size_t member = 0; member < members_.size(); ++member) {
    const Status accepted = co_await accept(member);
    if (!accepted && accepted.error().code != Code::unreachable) co_return accepted;
  }
  const Status quiet = co_await check_alarms();
  co_return quiet;
}

}  // namespace portolan::store

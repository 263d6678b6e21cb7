#include "cli/up_admin.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "cli/json_fields.h"
#include "cli/up_forget.h"
#include "runtime/offload.h"
#include "runtime/wait.h"
#include "wire/url.h"
#include "world/document.h"
#include "world/validate.h"

namespace portolan::cli {
namespace {

constexpr Duration ask_again_after = Duration::milliseconds(50);
constexpr std::size_t key_bytes_max = 4096;
// The World that somebody starts a network of is meant as it is.
constexpr std::string_view meant = "break_glass=1&reason=portolan+up";

struct Call {
  std::string method = "GET";
  std::string target;
  std::string body;
};

// call_admin on a thread and event loop of its own; it has a deadline.
runtime::Task<Result<wire::Json>> call(runtime::Shard& shard, AdminAccess access, Call what) {
  auto work = [access, what] { return call_admin(access, what.method, what.target, what.body); };
  auto answer = co_await runtime::offload(shard, std::move(work));
  co_return answer;
}

void add_living_keys(const wire::Json& answer, std::set<std::string>& ids) {
  for (const wire::Json& key : list_of(answer, "keys")) {
    if (!is_set(key, "revoked")) ids.insert(text_of(key, "id"));
  }
}

// The ids of all keys that may be used, page by page.
runtime::Task<Result<std::set<std::string>>> list_living_keys(runtime::Shard& shard,
                                                              AdminAccess access) {
  std::set<std::string> ids;
  std::string page;
  do {
    Call what{"GET", "/admin/v1/keys" + (page.empty() ? "" : "?after=" + page), ""};
    CO_TRY(const wire::Json answer, co_await call(shard, access, what));
    add_living_keys(answer, ids);
    page = text_of(answer, "next");
  } while (!page.empty());
  co_return ids;
}

// What was applied is valid; a damaged file means that nothing is forgotten.
world::Contents read_contents(const std::string& yaml) {
  world::Validation validation = world::validate({{.name = "applied", .text = yaml}});
  return validation.ok() ? std::move(validation.contents) : world::Contents{};
}

// Workspaces and scopes stay, so that not every World can take another's place.
Fault of_another_world(const Fault& fault, const Home& home) {
  return {fault.code, Retry::never,
          fault.message + "\n" + home.folder +
              " holds the network of another World, whose workspaces and scopes stay; give this "
              "one a home of its own with --home"};
}

runtime::Task<Status> forget(runtime::Shard& shard, AdminAccess access,
                             ForgottenResource forgotten) {
  std::string target = "/admin/v1/resources/";
  for (const char letter : name_of(forgotten.first)) {
    target += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  target += "/";
  wire::append_percent_encoded(target, forgotten.second);
  Call what{"DELETE", target + "?" + std::string(meant), ""};
  const auto answer = co_await call(shard, access, what);
  if (answer || answer.error().code == Code::resource_not_found) co_return Status{};
  co_return answer.error();
}

runtime::Task<Result<std::string>> create_key(runtime::Shard& shard, AdminAccess access,
                                              std::string workspace) {
  wire::Json body = wire::Json::object();
  body.set("workspace", workspace);
  Call what{"POST", "/admin/v1/keys", render_canonical(body)};
  CO_TRY(const wire::Json answer, co_await call(shard, access, what));
  std::string key = text_of(answer, "key");
  if (key.empty()) {
    co_return Fault{Code::malformed_peer, Retry::never,
                    "control made no key for workspace " + workspace};
  }
  co_return key;
}

}  // namespace

runtime::Task<Result<AdminAccess>> await_control(runtime::Shard& shard, Home home,
                                                 std::string admin_url) {
  std::string refused;
  for (;;) {
    auto key = shard.disk().read(home.admin_key(), key_bytes_max);
    if (key) {
      while (!key->empty() && key->back() == '\n') key->pop_back();
      const AdminAccess access{admin_url, *key};
      Call what{"GET", "/admin/v1/worlds", ""};
      const auto answer = co_await call(shard, access, what);
      if (answer) co_return access;
      // Once may be a key that control was just about to replace.
      const bool is_refused = answer.error().code == Code::admin_key_required;
      if (is_refused && refused == *key) {
        co_return Fault{Code::admin_key_required, Retry::never,
                        home.admin_key() + " is not the admin key of the control in " +
                            home.control() + "; remove both, or use another home"};
      }
      if (is_refused) refused = *key;
    }
    CO_TRY_DO(co_await runtime::sleep_for(shard, ask_again_after));
  }
}

runtime::Task<Status> apply_world(runtime::Shard& shard, AdminAccess access, Home home) {
  CO_TRY(std::string yaml, shard.disk().read(home.world(), world::source_bytes_max.count()));
  const world::Contents now = read_contents(yaml);
  const auto before_yaml = shard.disk().read(home.applied(), world::source_bytes_max.count());
  const world::Contents before = read_contents(before_yaml.value_or(std::string()));
  const std::vector<ForgottenResource> forgotten = forgotten_resources(before, now);
  Call what{"POST", "/admin/v1/apply?source=world.yaml&" + std::string(meant), yaml};
  const auto answer = co_await call(shard, access, what);
  if (!answer && !forgotten.empty()) co_return of_another_world(answer.error(), home);
  if (!answer) co_return answer.error();
  for (const ForgottenResource& resource : forgotten) {
    const Status deleted = co_await forget(shard, access, resource);
    if (!deleted) co_return of_another_world(deleted.error(), home);
  }
  co_return shard.disk().replace(home.applied(), yaml);
}

runtime::Task<Result<std::vector<NetworkFile::Workspace>>> settle_keys(
    runtime::Shard& shard, AdminAccess access, std::vector<NetworkFile::Workspace> known,
    std::vector<model::Workspace> wanted) {
  CO_TRY(const std::set<std::string> living, co_await list_living_keys(shard, access));
  std::vector<NetworkFile::Workspace> settled;
  for (const model::Workspace& workspace : wanted) {
    NetworkFile::Workspace& entry = settled.emplace_back();
    entry.name = workspace.name;
    entry.scope = workspace.scopes.empty() ? "" : workspace.scopes.front();
    const auto kept = std::ranges::find(known, workspace.name, &NetworkFile::Workspace::name);
    if (kept != known.end() && living.contains(std::string(key_id_of(kept->key)))) {
      entry.key = kept->key;
    } else {
      CO_TRY(entry.key, co_await create_key(shard, access, workspace.name));
    }
  }
  co_return settled;
}

}  // namespace portolan::cli

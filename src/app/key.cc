#include <CLI/CLI.hpp>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "cli/resource_view.h"

namespace portolan::app {
namespace {

struct KeyFlags {
  std::string workspace;
  std::vector<std::string> scopes;
  std::string expires;
  std::string id;
};

std::string creation_body(const KeyFlags& flags) {
  wire::Json body = wire::Json::object();
  body.set("workspace", flags.workspace);
  if (!flags.expires.empty()) body.set("expires", flags.expires);
  if (!flags.scopes.empty()) {
    wire::Json scopes = wire::Json::array();
    for (const std::string& scope : flags.scopes) scopes.push(scope);
    body.set("scopes", std::move(scopes));
  }
  return wire::render_canonical(body);
}

std::string render_created(const wire::Json& answer) {
  const wire::Json* key = answer.find("key");
  const wire::Json* id = answer.find("id");
  if (key == nullptr || key->as_string() == nullptr || id == nullptr) return "";
  return *key->as_string() + "\n\nShown once: keep it now. It works everywhere within seconds.\n" +
         "Revoke it with: portolan key revoke " + (id->as_string() ? *id->as_string() : "") + "\n";
}

std::string render_revoked(const wire::Json&) {
  return "revoked; every reachable gateway refuses it within 5 seconds\n";
}

std::string render_list(const wire::Json& answer) { return cli::render_resources("keys", answer); }

}  // namespace

void add_key(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("key", "create, list and revoke keys of workspaces");
  command->require_subcommand(1);
  auto flags = std::make_shared<KeyFlags>();

  auto* create = command->add_subcommand("create",
                                         "a new key; shown once\n"
                                         "  portolan key create --workspace eu");
  auto create_admin = add_admin_flags(*create);
  create->add_option("-w,--workspace", flags->workspace, "whose it is")->required();
  create->add_option("--scope", flags->scopes, "narrows the workspace's scopes; repeatable");
  create->add_option("--expires", flags->expires, "date, such as 2027-01-31 or RFC 3339");
  add_reason_flag(*create, *create_admin);
  create->callback([create_admin, flags, &exit_code] {
    exit_code = call_and_print("key", *create_admin,
                               {"POST", "/admin/v1/keys", creation_body(*flags)}, render_created);
  });

  auto* list = command->add_subcommand("list", "all keys, without their secrets");
  auto list_admin = add_admin_flags(*list);
  list->callback([list_admin, &exit_code] {
    exit_code = call_and_print("key", *list_admin, {"GET", "/admin/v1/keys"}, render_list);
  });

  auto* revoke = command->add_subcommand("revoke",
                                         "end a key, now and for ever\n"
                                         "  portolan key revoke ID");
  auto revoke_admin = add_admin_flags(*revoke);
  revoke->add_option("id", flags->id, "as 'portolan key list' shows it")->required();
  add_reason_flag(*revoke, *revoke_admin);
  revoke->callback([revoke_admin, flags, &exit_code] {
    exit_code = call_and_print("key", *revoke_admin, {"DELETE", "/admin/v1/keys/" + flags->id},
                               render_revoked);
  });
}

}  // namespace portolan::app

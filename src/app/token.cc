#include <CLI/CLI.hpp>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "cli/json_fields.h"
#include "cli/resource_view.h"

namespace portolan::app {
namespace {

struct TokenFlags {
  std::string zone;
  std::string role = "gateway";
  std::string expires = "1h";
  std::string id;
  bool planned = false;
};

std::string token_creation_body(const TokenFlags& flags) {
  wire::Json body = wire::Json::object();
  body.set("zone", flags.zone);
  body.set("role", flags.role);
  body.set("expires", flags.expires);
  if (flags.planned) body.set("planned", true);
  return wire::render_canonical(body);
}

std::string render_token_created(const wire::Json& answer) {
  const std::string token = cli::text_of(answer, "token");
  return token + "\n\nShown once, and good for one machine until " +
         cli::text_of(answer, "expires") + ". On that machine:\n" +
         "  portolan join --control URL --folder DIR --token " + token + "\n" +
         "Revoke it with: portolan token revoke " + cli::text_of(answer, "id") + "\n";
}

std::string render_token_revoked(const wire::Json& answer) {
  const std::string state = cli::text_of(answer, "state");
  if (state != "used") return "revoked; it lets no machine in\n";
  return "it was used already and let in '" + cli::text_of(answer, "machine") +
         "'; that machine stays\n";
}

std::string render_token_list(const wire::Json& answer) {
  return cli::render_resources("tokens", answer);
}

void add_token_create(CLI::App& command, const std::shared_ptr<TokenFlags>& flags, int& exit_code) {
  auto* create =
      command.add_subcommand("create",
                             "a new token; shown once\n"
                             "  portolan token create --zone eu-central-1a\n"
                             "  portolan token create --zone eu-central-1a --role meter");
  auto admin = add_admin_flags(*create, {"table", "json"});
  create->add_option("--zone", flags->zone, "where the machine stands; a zone of the World")
      ->required();
  create->add_option("--role", flags->role, "gateway, meter or control")->capture_default_str();
  create->add_option("--expires", flags->expires, "how long it can be used: 30m, 1h, 2d")
      ->capture_default_str();
  create->add_flag("--planned", flags->planned,
                   "the zone is not in the World yet: it is to be opened");
  add_reason_flag(*create, *admin);
  create->callback([admin, flags, &exit_code] {
    exit_code =
        call_and_print("token", *admin, {"POST", "/admin/v1/tokens", token_creation_body(*flags)},
                       render_token_created);
  });
}

}  // namespace

void add_token(CLI::App& app, int& exit_code) {
  auto* command =
      app.add_subcommand("token", "let machines into the network: create, list, revoke tokens");
  command->require_subcommand(1);
  auto flags = std::make_shared<TokenFlags>();
  add_token_create(*command, flags, exit_code);

  auto* list = command->add_subcommand("list", "all tokens, without their secrets");
  auto list_admin = add_admin_flags(*list, {"table", "json"});
  list->callback([list_admin, &exit_code] {
    exit_code =
        call_and_print("token", *list_admin, {"GET", "/admin/v1/tokens"}, render_token_list);
  });

  auto* revoke = command->add_subcommand("revoke",
                                         "end a token that was not used\n"
                                         "  portolan token revoke ID");
  auto revoke_admin = add_admin_flags(*revoke, {"table", "json"});
  revoke->add_option("id", flags->id, "as 'portolan token list' shows it")->required();
  add_reason_flag(*revoke, *revoke_admin);
  revoke->callback([revoke_admin, flags, &exit_code] {
    exit_code = call_and_print("token", *revoke_admin, {"DELETE", "/admin/v1/tokens/" + flags->id},
                               render_token_revoked);
  });
}

}  // namespace portolan::app

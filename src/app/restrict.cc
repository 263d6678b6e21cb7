#include <CLI/CLI.hpp>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "cli/resource_view.h"

namespace portolan::app {
namespace {

struct RestrictFlags {
  std::string kind;
  std::string place;
};

int call(const AdminFlags& admin, const AdminCall& what) {
  return call_and_print("restrict", admin, what, cli::render_restrictions);
}

void add_taking(CLI::App& command, const std::string& kind, const std::string& help,
                int& exit_code) {
  auto* taking = command.add_subcommand(kind, help);
  auto flags = std::make_shared<RestrictFlags>();
  auto admin = add_admin_flags(*taking, {"table", "json"});
  taking->add_option("place", flags->place, "a zone or region")->required();
  add_reason_flag(*taking, *admin);
  add_break_glass_flag(*taking, *admin);
  taking->callback([admin, flags, kind, &exit_code] {
    auto body = wire::Json::object();
    body.set(kind, flags->place);
    exit_code = call(*admin, {"POST", "/admin/v1/restrictions", wire::render_canonical(body)});
  });
}

void add_lift(CLI::App& command, int& exit_code) {
  auto* lift = command.add_subcommand("lift",
                                      "give it back\n"
                                      "  portolan restrict lift drain eu-central-1a");
  auto flags = std::make_shared<RestrictFlags>();
  auto admin = add_admin_flags(*lift, {"table", "json"});
  lift->add_option("kind", flags->kind, "drain or deny")
      ->required()
      ->check(CLI::IsMember({"drain", "deny"}));
  lift->add_option("place", flags->place, "as 'portolan restrict list' shows it")->required();
  add_reason_flag(*lift, *admin);
  lift->callback([admin, flags, &exit_code] {
    exit_code =
        call(*admin, {"DELETE", "/admin/v1/restrictions/" + flags->kind + "/" + flags->place});
  });
}

}  // namespace

void add_restrict(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "restrict",
      "take a zone or region out at once, everywhere; and give it back\n"
      "  portolan restrict drain eu-central-1a --reason \"power works until noon\"");
  command->require_subcommand(1);
  add_taking(*command, "drain", "no new requests; running ones end as they would", exit_code);
  add_taking(*command, "deny", "no new requests, and running streams are cut", exit_code);
  add_lift(*command, exit_code);
  auto* list = command->add_subcommand("list", "what is drained and denied, and keys revoked");
  auto admin = add_admin_flags(*list, {"table", "json"});
  list->callback(
      [admin, &exit_code] { exit_code = call(*admin, {"GET", "/admin/v1/restrictions"}); });
}

}  // namespace portolan::app

#include <CLI/CLI.hpp>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "cli/resource_view.h"

namespace portolan::app {
namespace {

std::string render_machine_list(const wire::Json& answer) {
  return cli::render_resources("machines", answer);
}

std::string render_machine_revoked(const wire::Json& answer) {
  const wire::Json* id = answer.find("id");
  const std::string name = id != nullptr && id->as_string() != nullptr ? *id->as_string() : "it";
  return "'" + name +
         "' is revoked, for ever: gateways, controls and meters break off with it as they hear of "
         "it.\nIf it is to come back, have it join under another --id with an empty folder.\n";
}

}  // namespace

void add_machine(CLI::App& app, int& exit_code) {
  auto* command =
      app.add_subcommand("machine",
                         "the machines that joined, and an end for one that was stolen\n"
                         "  portolan machine revoke gw-fra-3 --reason \"taken from the rack\"");
  command->require_subcommand(1);

  auto* list = command->add_subcommand("list", "who joined, and until when each certificate lasts");
  auto list_admin = add_admin_flags(*list, {"table", "json"});
  list->callback([list_admin, &exit_code] {
    exit_code =
        call_and_print("machine", *list_admin, {"GET", "/admin/v1/machines"}, render_machine_list);
  });

  auto* revoke = command->add_subcommand(
      "revoke",
      "nobody believes its certificate any more; can not be taken back\n"
      "  portolan machine revoke gw-fra-3 --reason \"taken from the rack\"");
  auto id = std::make_shared<std::string>();
  auto admin = add_admin_flags(*revoke, {"table", "json"});
  revoke->add_option("id", *id, "as 'portolan machine list' or 'portolan get gateways' shows it")
      ->required();
  add_reason_flag(*revoke, *admin);
  add_break_glass_flag(*revoke, *admin);
  revoke->callback([admin, id, &exit_code] {
    exit_code = call_and_print("machine", *admin, {"DELETE", "/admin/v1/machines/" + *id},
                               render_machine_revoked);
  });
}

}  // namespace portolan::app

#include <CLI/CLI.hpp>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"

namespace portolan::app {
namespace {

int rotate_zone(const AdminFlags& admin, const std::string& zone) {
  const auto access = access_of(admin);
  if (!access) return print_fault("rotate", access.error());
  const auto target = with_reason("/admin/v1/zones/" + zone + "/rotate-key", admin);
  const auto answer = cli::call_admin(*access, "POST", target, "{}");
  if (!answer) return print_fault("rotate", answer.error());
  if (admin.output == "json") {
    std::cout << wire::render_pretty(*answer) << '\n';
  } else {
    std::cout << "Gateways of zone " << zone
              << " make a new key to sign receipts by and have it certified: each within seconds,\n"
                 "one that is away when it is back. Receipts signed before stay valid.\n";
  }
  return 0;
}

}  // namespace

void add_rotate(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "rotate",
      "replace the keys that sign receipts; what they have signed stays valid\n"
      "  portolan rotate zone eu-central-1a\n"
      "  portolan up --rotate-control-key      control's own key, certified by the root");
  command->require_subcommand(1);
  auto* zone = command->add_subcommand("zone", "the keys of a zone's gateways");
  auto name = std::make_shared<std::string>();
  auto admin = add_admin_flags(*zone);
  zone->add_option("name", *name, "the zone")->required();
  add_reason_flag(*zone, *admin);
  zone->callback([admin, name, &exit_code] { exit_code = rotate_zone(*admin, *name); });
}

}  // namespace portolan::app

#include <CLI/CLI.hpp>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "app/pause.h"
#include "cli/rollout_view.h"
#include "cli/terminal.h"

namespace portolan::app {
namespace {

constexpr const char* rollout_path = "/admin/v1/rollout";
constexpr const char* clear_screen = "\x1b[H\x1b[2J";

void print_rollout(const AdminFlags& admin, const wire::Json& answer) {
  std::cout << (admin.output == "json" ? wire::render_pretty(answer) + "\n"
                                       : cli::render_rollout(answer))
            << std::flush;
}

int call_rollout(const AdminFlags& admin, const char* method, const std::string& target) {
  return call_and_print("rollout", admin, {.method = method, .target = target},
                        cli::render_rollout);
}

// Once a second, until no World is on its way; 1 when it went back.
int watch_rollout(const AdminFlags& admin) {
  const auto access = access_of(admin);
  if (!access) return print_fault("rollout", access.error());
  const bool drawn = admin.output != "json" && cli::terminal_columns() > 0;
  for (;;) {
    const auto answer = cli::call_admin(*access, "GET", rollout_path, "");
    if (!answer) return print_fault("rollout", answer.error());
    if (drawn) std::cout << clear_screen;
    print_rollout(admin, *answer);
    if (!cli::is_rolling_out(*answer)) return cli::has_gone_back(*answer) ? 1 : 0;
    pause_for(Duration::seconds(1));
  }
}

void add_rollout_change(CLI::App& command, int& exit_code, const char* name, const char* help) {
  auto* change = command.add_subcommand(name, help);
  auto admin = add_admin_flags(*change, {"table", "json"});
  add_reason_flag(*change, *admin);
  const std::string path = std::string(rollout_path) + "/" + name;
  change->callback([admin, path, &exit_code] { exit_code = call_rollout(*admin, "POST", path); });
}

}  // namespace

void add_rollout(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "rollout",
      "how a change of the World goes to the gateways: one zone, its region, then the rest\n"
      "  portolan rollout status --watch\n"
      "  portolan rollout rollback --reason \"wrong file\"\n\n"
      "Each step waits until what is served there is as good as before; a World that is refused\n"
      "or does harm goes back by itself, and what is stored is then as it was before.");
  command->require_subcommand(1);
  auto* status = command->add_subcommand("status", "where it stands, what it waits for");
  auto admin = add_admin_flags(*status, {"table", "json"});
  auto watching = std::make_shared<bool>(false);
  status->add_flag("--watch", *watching, "again and again until it is over; 1: it went back");
  status->callback([admin, watching, &exit_code] {
    exit_code = *watching ? watch_rollout(*admin) : call_rollout(*admin, "GET", rollout_path);
  });
  add_rollout_change(*command, exit_code, "pause", "no zone more; what does harm still goes back");
  add_rollout_change(*command, exit_code, "resume", "go on");
  add_rollout_change(*command, exit_code, "rollback", "go back: gateways get the World before");
}

}  // namespace portolan::app

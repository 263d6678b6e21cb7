#include <CLI/CLI.hpp>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "app/pause.h"
#include "cli/golden_view.h"
#include "cli/json_fields.h"

namespace portolan::app {
namespace {

constexpr const char* golden_path = "/admin/v1/golden";
constexpr const char* golden_run_path = "/admin/v1/golden/run";
constexpr int golden_disagrees = 3;
constexpr int golden_looks_max = 1'800;  // a second each; as long as a run may take

int print_golden(const AdminFlags& admin, const wire::Json& answer) {
  std::cout << (admin.output == "json" ? wire::render_pretty(answer) + "\n"
                                       : cli::render_golden(answer))
            << std::flush;
  return cli::golden_agrees(answer) ? 0 : golden_disagrees;
}

int show_golden(const AdminFlags& admin) {
  const auto access = access_of(admin);
  if (!access) return print_fault("golden", access.error());
  const auto answer = cli::call_admin(*access, "GET", golden_path, "");
  return answer ? print_golden(admin, *answer) : print_fault("golden", answer.error());
}

// Asks for a run and waits for its end.
int run_golden(const AdminFlags& admin) {
  const auto access = access_of(admin);
  if (!access) return print_fault("golden", access.error());
  const auto wished = cli::call_admin(*access, "POST", golden_run_path, "");
  if (!wished) return print_fault("golden", wished.error());
  const std::string since = cli::text_of(*wished, "now");
  for (int looks = 0; looks < golden_looks_max; ++looks) {
    const auto answer = cli::call_admin(*access, "GET", golden_path, "");
    if (!answer) return print_fault("golden", answer.error());
    if (cli::golden_ended_since(*answer, since)) return print_golden(admin, *answer);
    pause_for(Duration::seconds(1));
  }
  return print_fault("golden", {Code::timed_out, Retry::later,
                                "The run has not ended in half an hour; 'portolan golden status' "
                                "shows what it found."});
}

void add_golden_command(CLI::App& command, int& exit_code, const char* name, const char* help,
                        int (*act)(const AdminFlags&)) {
  auto* added = command.add_subcommand(name, help);
  auto admin = add_admin_flags(*added, {"table", "json"});
  added->callback([admin, act, &exit_code] { exit_code = act(*admin); });
}

}  // namespace

void add_golden(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "golden",
      "prompts that every zone is asked once a day, and who answers otherwise than most\n"
      "  portolan golden status\n"
      "  portolan golden run                   now; waits for the end\n\n"
      "Compared are, for each model over its zones: template, tokenizer, weights, tokens of each\n"
      "prompt, and the answers with one seed at temperature 0. Different hardware may answer\n"
      "otherwise with the same weights; nothing is taken out of service for it.\n\n"
      "Exit code: 0 all agree; 3 somebody does not, or was not heard; 1 it could not be asked.");
  command->require_subcommand(1);
  add_golden_command(*command, exit_code, "status", "what was answered last", show_golden);
  add_golden_command(*command, exit_code, "run", "ask all zones now", run_golden);
}

}  // namespace portolan::app

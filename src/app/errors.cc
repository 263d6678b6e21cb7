#include <CLI/CLI.hpp>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "cli/error_table.h"

namespace portolan::app {
namespace {

std::string render(const std::string& output) {
  if (output == "json") return cli::render_error_json();
  if (output == "markdown") return cli::render_error_markdown();
  return cli::render_error_table();
}

int run(const std::string& code, const std::string& output) {
  if (code.empty()) {
    std::cout << render(output);
    return 0;
  }
  const auto text = cli::explain_error(code);
  if (!text) return print_fault("errors", text.error());
  std::cout << *text;
  return 0;
}

}  // namespace

void add_errors(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("errors",
                                     "every code that an error may carry, and what to do about it\n"
                                     "  portolan errors scope_exhausted");
  auto code = std::make_shared<std::string>();
  auto output = std::make_shared<std::string>("table");
  command->add_option("code", *code, "explain this one");
  command->add_option("-o,--output", *output, "table, json or markdown")
      ->check(CLI::IsMember({"table", "json", "markdown"}));
  command->callback([code, output, &exit_code] { exit_code = run(*code, *output); });
}

}  // namespace portolan::app

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "app/commands.h"
#include "app/limits.h"
#include "wire/json_writer.h"

namespace portolan::app {
namespace {

void print_limits(bool json) {
  if (!json) {
    fmt::print("{:<26} {:>12}  {}\n", "LIMIT", "DEFAULT", "REASON");
    for (const Limit* limit : shown_limits()) {
      fmt::print("{:<26} {:>12}  {}\n", limit->name, limit->value, limit->reason);
    }
    return;
  }
  std::string text;
  wire::JsonWriter writer(text);
  writer.begin_array();
  for (const Limit* limit : shown_limits()) {
    writer.begin_object()
        .member("name", limit->name)
        .member("value", limit->value)
        .member("reason", limit->reason)
        .end_object();
  }
  writer.end_array();
  std::cout << text << '\n';
}

}  // namespace

void add_limits(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("limits", "every limit of this program, and why it is there");
  auto output = std::make_shared<std::string>("table");
  command->add_option("-o,--output", *output, "table or json")
      ->check(CLI::IsMember({"table", "json"}));
  command->callback([output, &exit_code] {
    print_limits(*output == "json");
    exit_code = 0;
  });
}

}  // namespace portolan::app

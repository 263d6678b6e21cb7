#include <CLI/CLI.hpp>
#include <iostream>

#include "app/commands.h"
#include "gateway/usage_inspection.h"
#include "runtime/kernel_disk.h"

namespace portolan::app {
namespace {

int run(const std::string& path, bool json) {
  runtime::KernelDisk disk;
  if (!json) std::cout << gateway::inspected_heading();
  const auto seen = gateway::inspect_usage(disk, path, [json](const auto& inspected) {
    std::string text;
    (json ? gateway::render_inspected : gateway::render_inspected_row)(text, inspected);
    std::cout << text;
  });
  std::cout.flush();
  if (!seen) {
    std::cerr << "portolan usage-log: " << seen.error().message << " ("
              << name_of(seen.error().code) << ")\n";
    return 1;
  }
  for (const std::string& note : seen->notes) std::cerr << "note: " << note << '\n';
  for (const std::string& damage : seen->damages) std::cerr << "damaged: " << damage << '\n';
  return seen->damages.empty() ? 0 : 1;
}

}  // namespace

void add_usage_log(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "usage-log",
      "the usage records on a gateway's disk, also while it runs; exit code 1 when some are lost\n"
      "  portolan usage-log ~/.portolan/gateways/ID/usage\n"
      "  portolan usage-log FOLDER/00000001-000001.usage -o json\n\n"
      "A request leaves an open before anything of it is forwarded, checkpoints while it streams,\n"
      "and one close: what is billed. An exec is kept where a request was executed. What has a\n"
      "number goes to the meter; numbers of an epoch (one start of the gateway) have no gaps.");
  auto path = std::make_shared<std::string>();
  auto output = std::make_shared<std::string>("table");
  command->add_option("path", *path, "folder 'usage' in a gateway's --data, or one segment in it")
      ->required();
  command->add_option("-o,--output", *output, "table, or json: an object a line")
      ->check(CLI::IsMember({"table", "json"}));
  command->callback([path, output, &exit_code] { exit_code = run(*path, *output == "json"); });
}

}  // namespace portolan::app

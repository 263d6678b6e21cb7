#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "app/commands.h"
#include "world/problem.h"
#include "world/validate.h"

namespace portolan::app {
namespace {

int validate_files(const std::vector<std::string>& names) {
  std::vector<world::SourceFile> files;
  for (const std::string& name : names) {
    std::stringstream text;
    const std::ifstream file(name);
    if (!file) {
      std::cerr << "portolan world validate: " << name << " cannot be read\n";
      return 1;
    }
    text << file.rdbuf();
    files.push_back({name, text.str()});
  }
  const world::Validation validation = world::validate(files);
  for (const world::Problem& problem : validation.problems) {
    std::cerr << world::render_problem(problem) << '\n';
  }
  if (!validation.ok()) return 1;
  const model::Network& network = validation.contents.network;
  std::cout << "valid: " << network.regions.size() << " regions, " << network.zones.size()
            << " zones, " << network.models.size() << " models, " << network.deployments.size()
            << " deployments, " << network.scopes.size() << " scopes, " << network.rules.size()
            << " rules, " << validation.contents.workspaces.size() << " workspaces\n";
  return 0;
}

}  // namespace

void add_world(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("world", "work with World files");
  command->require_subcommand(1);
  auto* validate = command->add_subcommand(
      "validate", "check resource files without a network; shows file, line and column of "
                  "everything that is wrong\n  portolan world validate worlds/local.yaml");
  auto files = std::make_shared<std::vector<std::string>>();
  validate->add_option("file", *files, "YAML or JSON files, checked together")->required();
  validate->callback([files, &exit_code] { exit_code = validate_files(*files); });
}

}  // namespace portolan::app

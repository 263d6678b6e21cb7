#include <CLI/CLI.hpp>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "cli/network_tables.h"
#include "cli/resource_view.h"
#include "cli/terminal.h"

namespace portolan::app {
namespace {

// What `regions` and `zones` differ in.
struct Picture {
  const char* command;
  std::string (*render)(const cli::NetworkView& view, std::size_t columns);
  wire::Json (*to_json)(const cli::NetworkView& view);
};

Result<cli::NetworkView> look(const AdminFlags& admin, const std::vector<std::string>& places) {
  TRY(const cli::AdminAccess access, access_of(admin));
  const auto get = [&](const char* path) { return cli::call_admin(access, "GET", path, ""); };
  cli::NetworkAnswers answers;
  // Gateways first, so that none holds a World newer than the newest.
  TRY(answers.gateways, get("/admin/v1/gateways"));
  TRY(answers.restrictions, get("/admin/v1/restrictions"));
  TRY(answers.network, get("/admin/v1/worlds/current"));
  TRY(answers.worlds, get("/admin/v1/worlds"));
  TRY(cli::NetworkView view, cli::view_network(answers));
  return cli::keep_places(std::move(view), places);
}

int run(const AdminFlags& admin, const std::vector<std::string>& places, const Picture& picture) {
  const auto view = look(admin, places);
  if (!view) return print_fault(picture.command, view.error());
  if (admin.output == "table") {
    std::cout << picture.render(*view, cli::terminal_columns());
  } else if (admin.output == "json") {
    std::cout << wire::render_pretty(picture.to_json(*view)) << '\n';
  } else {
    std::cout << cli::render_yaml(picture.to_json(*view));
  }
  return 0;
}

void add(CLI::App& app, int& exit_code, const Picture& picture, const char* help) {
  auto* command = app.add_subcommand(picture.command, help);
  auto places = std::make_shared<std::vector<std::string>>();
  auto admin = add_admin_flags(*command);
  command->add_option("place", *places, "only these: zones, regions, groups or country:XX");
  command->callback(
      [admin, places, picture, &exit_code] { exit_code = run(*admin, *places, picture); });
}

}  // namespace

void add_regions(CLI::App& app, int& exit_code) {
  add(app, exit_code, {"regions", cli::render_regions, cli::regions_json},
      "the network by region: where it is, and how well\n"
      "  portolan regions               all of them, and below the zones that are not well\n"
      "  portolan regions eu country:JP\n"
      "  portolan regions -o json\n\n"
      "ZONES     well / all: serving, or without engines on purpose\n"
      "GATEWAYS  that control hears / all\n"
      "ENGINES   healthy / all, as the zones' gateways probe them; ? until they have\n"
      "MODELS    deployed there\n"
      "WORLD     the oldest that a gateway there serves by, and how far behind it is\n"
      "A terminal too narrow for all columns is told which are left out.\n");
}

void add_zones(CLI::App& app, int& exit_code) {
  add(app, exit_code, {"zones", cli::render_zones, cli::zones_json},
      "the network by zone: what serves, what does not and why\n"
      "  portolan zones                 all of them\n"
      "  portolan zones cn-beijing      those of a region, group or country:XX\n"
      "  portolan zones -o json\n\n"
      "STATE     serving     a gateway lives there, and an engine is healthy\n"
      "          entry only  a gateway and no engine, as deployed\n"
      "          probing     its engines have not answered a probe yet\n"
      "          no engine   none is healthy: look at the engines, and the gateway's log\n"
      "          no World    its gateway has taken none yet: 'portolan get worlds' has the reason\n"
      "          silent      control hears of no gateway there: look at SEEN, and its log\n"
      "          no gateway  the World names none for it, and none has come\n"
      "          drained, denied  by a restriction of an operator\n"
      "GATEWAYS  that control hears / all        ENGINES  healthy / all; ? until probed\n"
      "WORLD     the oldest that a gateway there serves by, and how far behind it is\n"
      "SEEN      when control last heard of a gateway there\n"
      "A terminal too narrow for all columns is told which are left out.\n");
}

}  // namespace portolan::app

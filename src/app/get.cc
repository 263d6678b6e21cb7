#include <CLI/CLI.hpp>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "cli/resource_view.h"

namespace portolan::app {
namespace {

struct GetFlags {
  std::string kind;
  std::string name;
};

// What control calls it: worlds, keys and gateways have paths of their own.
std::string target_of(const GetFlags& flags) {
  if (flags.kind == "worlds" || flags.kind == "keys" || flags.kind == "gateways" ||
      flags.kind == "machines") {
    return "/admin/v1/" + flags.kind;
  }
  return "/admin/v1/resources/" + flags.kind + (flags.name.empty() ? "" : "/" + flags.name);
}

int run(const AdminFlags& admin, const GetFlags& flags) {
  const auto access = access_of(admin);
  if (!access) return print_fault("get", access.error());
  const auto answer = cli::call_admin(*access, "GET", target_of(flags), "");
  if (!answer) return print_fault("get", answer.error());
  if (admin.output == "json") {
    std::cout << wire::render_pretty(*answer) << '\n';
  } else if (admin.output == "yaml") {
    std::cout << cli::render_yaml(*answer);
  } else {
    std::cout << cli::render_resources(flags.kind, *answer);
  }
  return 0;
}

}  // namespace

void add_get(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "get",
      "look at resources, keys, gateways and Worlds\n"
      "  portolan get regions\n  portolan get scope eu -o yaml\n  portolan get worlds");
  auto flags = std::make_shared<GetFlags>();
  auto admin = add_admin_flags(*command);
  command
      ->add_option("kind", flags->kind,
                   "regions, zones, models, deployments, scopes, rules, orgs, workspaces, "
                   "paritytargets, openings, pricebooks, keys, gateways, machines or worlds")
      ->required();
  command->add_option("name", flags->name, "one of them");
  command->callback([admin, flags, &exit_code] { exit_code = run(*admin, *flags); });
}

void add_delete(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("delete",
                                     "remove a resource that nothing refers to\n"
                                     "  portolan delete rule us-2023-10-3a090");
  auto flags = std::make_shared<GetFlags>();
  auto version = std::make_shared<std::string>();
  auto admin = add_admin_flags(*command);
  command->add_option("kind", flags->kind, "its kind")->required();
  command->add_option("name", flags->name, "its name")->required();
  add_reason_flag(*command, *admin);
  add_break_glass_flag(*command, *admin);
  add_refusals_meant_flag(*command, *admin);
  command->add_option("--resource-version", *version, "only when it is still this one");
  command->callback([admin, flags, version, &exit_code] {
    const auto access = access_of(*admin);
    if (!access) {
      exit_code = print_fault("delete", access.error());
      return;
    }
    std::string target = target_of(*flags);
    if (!version->empty()) target += "?resourceVersion=" + *version;
    target = with_reason(std::move(target), *admin);
    const auto answer = cli::call_admin(*access, "DELETE", target, "");
    if (!answer) {
      exit_code = print_fault("delete", answer.error());
      return;
    }
    std::cout << (admin->output == "json" ? wire::render_pretty(*answer) + "\n"
                                          : flags->kind + "/" + flags->name + " deleted\n");
  });
}

}  // namespace portolan::app

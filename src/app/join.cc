#include "cli/join.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "cli/renew.h"
#include "cli/up_print.h"
#include "wire/json_value.h"
#include "world/time_text.h"

namespace portolan::app {
namespace {

struct JoinFlags {
  cli::JoinOrder order;
  cli::StartPlaces places;
  std::string output = "table";
  bool renew = false;
  bool at_once = false;
};

// What a control lacks yet: the root's word for the key that it signs Worlds by.
std::string signing_advice(const cli::JoinedMachine& machine, const std::string& folder) {
  if (machine.public_key.empty()) return "";
  return "It signs Worlds by a key of its own. Where the root's key is kept:\n\n"
         "portolan authority sign-control --root-key ROOT.KEY --network " +
         machine.network + " --id " + machine.id + " --public-key " + machine.public_key +
         "\n\nPut what that prints into " + cli::JoinFiles{folder}.signing_certificate() + ".\n";
}

std::string join_table(const cli::JoinedMachine& machine, const std::string& folder,
                       const std::vector<std::string>& words) {
  std::string line;
  for (const auto& word : words) line += (line.empty() ? "" : " ") + cli::quote_for_shell(word);
  return "This machine is " + machine.identity + ".\nIts certificate ends at " + machine.ends +
         ".\n" + signing_advice(machine, folder) + "Start it with:\n\n" + line + "\n";
}

std::string join_json(const cli::JoinedMachine& machine, const std::vector<std::string>& words) {
  auto json = wire::Json::object();
  json.set("network", machine.network);
  json.set("role", machine.role);
  json.set("id", machine.id);
  json.set("zone", machine.zone);
  json.set("identity", machine.identity);
  json.set("ends", machine.ends);
  if (!machine.public_key.empty()) json.set("public_key", machine.public_key);
  auto command = wire::Json::array();
  for (const auto& word : words) command.push(word);
  json.set("command", std::move(command));
  return wire::render_pretty(json) + "\n";
}

int join_this_machine(const JoinFlags& flags) {
  const auto joined = cli::join_network(flags.order);
  if (!joined) return print_fault("join", joined.error());
  const auto words =
      cli::start_command(*joined, cli::JoinFiles{flags.order.folder}, flags.places, "portolan");
  std::cout << (flags.output == "json" ? join_json(*joined, words)
                                       : join_table(*joined, flags.order.folder, words));
  return 0;
}

int renew_this_machine(const JoinFlags& flags) {
  const auto renewed = cli::renew_machine(flags.order.folder, flags.at_once);
  if (!renewed) return print_fault("join", renewed.error());
  const std::string due = world::render_date(renewed->due);
  if (flags.output == "json") {
    auto json = wire::Json::object();
    json.set("renewed", renewed->done);
    json.set("ends", renewed->machine.ends);
    json.set("due", due);
    std::cout << wire::render_pretty(json) << '\n';
  } else if (renewed->done) {
    std::cout << "renewed; it ends at " << renewed->machine.ends
              << ". The process shows it within seconds, and no connection is cut.\n";
  } else {
    std::cout << "nothing to do before " << due << "; it ends at " << renewed->machine.ends << '\n';
  }
  return 0;
}

}  // namespace

void add_join(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "join",
      "let this machine into a network by a token of 'portolan token create'\n"
      "  portolan join --control https://control.example.net:7400 --token ptj_... --folder DIR\n"
      "Makes a key, which stays here, and prints the command that starts the role. What ended\n"
      "halfway is done again by the same command.\n"
      "  portolan join --renew --folder DIR     a new certificate, when a third of its life is "
      "left");
  auto flags = std::make_shared<JoinFlags>();
  auto* control =
      command->add_option("--control", flags->order.control, "URL of control's admin listener");
  auto* token = command->add_option("--token", flags->order.token, "as it was shown");
  command->add_option("--folder", flags->order.folder, "of its own: key, certificate, data")
      ->required();
  command->add_option("--root", flags->order.root,
                      "the root's public key, hex, or a file with it; default: as the control of "
                      "the token's network says");
  command->add_option("--zone", flags->order.zone, "refused where the token is for another one");
  command->add_option("--role", flags->order.role, "refused where the token is for another one");
  command->add_option("--id", flags->order.id, "unique in the network; default: one is made up");
  command->add_option("--listen", flags->places.listen,
                      "HOST:PORT of its listener, for the command that is printed");
  command->add_option("--hop", flags->places.hop,
                      "HOST:PORT for other gateways, for the command that is printed");
  command->add_option("-o,--output", flags->output, "table, json")
      ->check(CLI::IsMember({"table", "json"}).description(""));
  auto* renew = command->add_flag("--renew", flags->renew,
                                  "by the certificate that the folder holds; no token");
  command->add_flag("--at-once", flags->at_once, "also before it is due")->needs(renew);
  renew->excludes(control)->excludes(token);
  command->callback([flags, &exit_code] {
    if (!flags->renew && (flags->order.control.empty() || flags->order.token.empty())) {
      std::cerr << "portolan join: give --control and --token, or --renew\n";
      exit_code = 2;
      return;
    }
    exit_code = flags->renew ? renew_this_machine(*flags) : join_this_machine(*flags);
  });
}

}  // namespace portolan::app

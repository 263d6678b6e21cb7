#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "cli/up_run.h"
#include "runtime/epoll_shard.h"
#include "runtime/signals.h"

namespace portolan::app {
namespace {

// As the flags say it, where that is not what the options hold.
struct UpFlags {
  cli::UpOptions options;
  std::string restart = "on-failure";
  std::string sim_args;
  std::string gateway_args;
  std::uint16_t base_port = 0;
};

std::vector<std::string> split_words(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

cli::UpOptions read_options(const UpFlags& flags) {
  cli::UpOptions options = flags.options;
  options.restart = flags.restart == "on-failure";
  options.sim_args = split_words(flags.sim_args);
  options.gateway_args = split_words(flags.gateway_args);
  if (flags.base_port != 0) options.base_port = flags.base_port;
  options.share = environment("PORTOLAN_SHARE");
  options.python = environment("PORTOLAN_PYTHON");
  options.model = environment("PORTOLAN_MODEL");
  options.path = environment("PATH");
  return options;
}

runtime::Task<void> run(runtime::EpollShard& shard, runtime::Signals& signals,
                        cli::UpOptions& options, std::optional<Fault>& fault) {
  const Status ended = co_await cli::run_up(shard, signals, options);
  if (!ended) fault = ended.error();
}

int run_process(const UpFlags& flags) {
  cli::UpOptions options = read_options(flags);
  runtime::EpollShard shard;
  std::optional<Fault> fault;
  if (options.print) {
    const Status printed = cli::print_up(shard, options);
    if (!printed) fault = printed.error();
  } else {
    runtime::Signals signals(shard, {SIGINT, SIGTERM, SIGHUP, SIGCHLD});
    shard.run(run(shard, signals, options, fault));
  }
  if (!fault) return 0;
  std::cerr << "portolan up: " << fault->message << " (" << name_of(fault->code) << ")\n";
  return 1;
}

void add_flags(CLI::App& command, UpFlags& flags) {
  const std::map<std::string, cli::EngineChoice> engines = {{"local", cli::EngineChoice::local},
                                                            {"sim", cli::EngineChoice::sim},
                                                            {"none", cli::EngineChoice::none}};
  cli::UpOptions& options = flags.options;
  options.home = default_home();
  command.add_option("world", options.world,
                     "YAML file of a network; default: three regions of two zones each");
  command.add_option("--ready", options.ready,
                     "files of regions or zones that are to be opened later: their gateways and "
                     "engines start, and nothing of them is applied");
  command
      .add_option("--engines", options.engines,
                  "who answers where the World names no engine: local (llama.cpp), sim, none")
      ->transform(CLI::CheckedTransformer(engines).description(""));
  command.add_option("--home", options.home, "folder for keys, ports and data (PORTOLAN_HOME)")
      ->capture_default_str();
  auto* print =
      command.add_flag("--print", options.print,
                       "prepare certificates and folders, print the commands, start nothing");
  command
      .add_option("--address", options.address,
                  "of this machine, as others reach it: what is printed listens there, but for "
                  "engines, and the admin API speaks TLS")
      ->needs(print)
      ->capture_default_str();
  command.add_option("--restart", flags.restart, "processes that die: on-failure or never")
      ->check(CLI::IsMember({"on-failure", "never"}))
      ->capture_default_str();
  command.add_option("--base-port", flags.base_port, "choose all ports anew, from this one on")
      ->check(CLI::Range(1024, 65000));
  command
      .add_option("--waves", options.waves,
                  "how a change of the World goes to the gateways: at-once, or paced, zone by zone")
      ->check(CLI::IsMember({"at-once", "paced"}))
      ->capture_default_str();
  command.add_flag("--rotate-control-key", options.rotate_control_key,
                   "control signs by a new key from now on; what the old one signed stays valid");
  command.add_flag("--plain", options.plain, "a line now and then instead of the live table");
  command.add_flag("--quiet", options.quiet, "nothing but URLs and keys");
  command.add_option("--sim-args", flags.sim_args, "more flags for engine-sim, in one word");
  command.add_option("--gateway-args", flags.gateway_args, "more flags for gateways, in one word");
  command.add_option("--binary-for-gateways", options.gateway_binary,
                     "another build of this program, that runs the gateways");
}

}  // namespace

void add_up(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "up",
      "a whole network on this machine: gateways and engines in every zone, a control, a meter\n"
      "  portolan up                          three regions, llama.cpp in every zone\n"
      "  portolan up FILE --engines sim       any World, with simulated engines\n"
      "  portolan up FILE --ready OPENING...  and machines for 'portolan region open'");
  auto flags = std::make_shared<UpFlags>();
  add_flags(*command, *flags);
  command->callback([flags, &exit_code] { exit_code = run_process(*flags); });
}

}  // namespace portolan::app

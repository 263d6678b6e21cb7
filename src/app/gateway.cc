#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/commands.h"
#include "app/role.h"
#include "app/small_file.h"
#include "gateway/run_gateway.h"
#include "model/world_seams.h"
#include "policy/test_seams.h"
#include "runtime/open_files.h"

namespace portolan::app {
namespace {

// As the flags say it.
struct GatewayFlags {
  std::string network = "local";
  std::string id;
  std::string zone;
  std::string data;
  std::string root;
  std::vector<std::string> controls;
  std::vector<std::string> meters;
  std::string certificate;
  std::string key;
  std::string authority;
  std::vector<std::string> listen;
  std::vector<std::string> listen_shared;
  std::string hop;
  std::string secrets;
  std::string access_log;
  std::vector<std::string> authorities;
  std::string record_received;
  bool skip_entry_mask = false;
  bool skip_executor_mask = false;
  bool fall_by_world = false;
};

// name=value lines; empty ones and those that begin with # are passed over.
Result<std::map<std::string, std::string>> parse_secrets(const std::string& text) {
  std::map<std::string, std::string> secrets;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Fault{Code::bad_configuration, Retry::never,
                   "line " + std::to_string(number) + " of the secrets is not name=value"};
    }
    secrets[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return secrets;
}

Status read_files(runtime::Disk& disk, const GatewayFlags& flags, gateway::Options& options) {
  TRY(options.tls.certificate, disk.read(flags.certificate, small_file_bytes_max));
  TRY(options.tls.key, disk.read(flags.key, small_file_bytes_max));
  TRY(options.tls.authority, disk.read(flags.authority, small_file_bytes_max));
  TRY(std::string root, disk.read(flags.root, small_file_bytes_max));
  while (!root.empty() && std::isspace(static_cast<unsigned char>(root.back()))) root.pop_back();
  TRY(options.root, seal::VerifyKey::from_hex(root));
  if (!flags.secrets.empty()) {
    TRY(const std::string text, disk.read(flags.secrets, small_file_bytes_max));
    TRY(options.secrets, parse_secrets(text));
  }
  for (const std::string& named : flags.authorities) {
    const std::size_t equals = named.find('=');
    if (equals == std::string::npos) {
      return Fault{Code::bad_configuration, Retry::never,
                   "--engine-ca is NAME=FILE, not '" + named + "'"};
    }
    TRY(options.authorities[named.substr(0, equals)],
        disk.read(named.substr(equals + 1), small_file_bytes_max));
  }
  return {};
}

// Of the files that the process may have open, a connection takes one and what is
// asked for it elsewhere another; the rest is for logs, probes and hops.
std::size_t connections_allowed() {
  constexpr std::size_t spared = 256;
  const std::size_t pairs = runtime::raise_open_files() / 2;
  const std::size_t allowed = pairs > 2 * spared ? pairs - spared : spared;
  return std::min(allowed, limits::connections_max.count());
}

Result<gateway::Options> read_options(runtime::Disk& disk, const GatewayFlags& flags) {
  gateway::Options options;
  options.network = flags.network;
  options.id = flags.id;
  options.zone = flags.zone;
  options.data = flags.data;
  options.access_log = flags.access_log;
  options.connections_max = connections_allowed();
  TRY_DO(read_files(disk, flags, options));
  for (const std::string& text : flags.controls) {
    TRY(const auto address, runtime::parse_address(text));
    options.controls.push_back(address);
  }
  for (const std::string& text : flags.meters) {
    TRY(const auto address, runtime::parse_address(text));
    options.meters.push_back(address);
  }
  for (const std::string& text : flags.listen) {
    TRY(const auto address, runtime::parse_address(text));
    options.front_doors.push_back({.address = address, .share_port = false, .credentials = {}});
  }
  for (const std::string& text : flags.listen_shared) {
    TRY(const auto address, runtime::parse_address(text));
    options.front_doors.push_back({.address = address, .share_port = true, .credentials = {}});
  }
  TRY(options.hop, runtime::parse_address(flags.hop));
  return options;
}

runtime::Task<Status> serve_gateway(runtime::EpollShard& shard, gateway::Options& options,
                                    runtime::Event& stop) {
  return gateway::run_gateway(shard, options, stop);
}

int run_process(const GatewayFlags& flags) {
  const auto read = [&flags](runtime::EpollShard& shard) {
#ifdef PORTOLAN_TEST_SEAMS
    if (!flags.record_received.empty()) shard.record_received(flags.record_received);
    policy::test_seams.skip_entry_mask = flags.skip_entry_mask;
    policy::test_seams.skip_executor_mask = flags.skip_executor_mask;
    model::world_seams.fall_by_world = flags.fall_by_world;
#endif
    return read_options(shard.disk(), flags);
  };
  return run_role("gateway", {flags.certificate, flags.key, flags.authority}, read, serve_gateway);
}

}  // namespace

void add_gateway(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("gateway", "serve requests in a zone (the data plane)");
  auto flags = std::make_shared<GatewayFlags>();
  command->add_option("--network", flags->network, "name of the network")->capture_default_str();
  command->add_option("--id", flags->id, "this gateway's id, unique in the network")->required();
  command->add_option("--zone", flags->zone, "the zone it stands in")->required();
  command->add_option("--data", flags->data, "folder of its own, for what it must not forget")
      ->required();
  command->add_option("--root", flags->root, "file with the pinned root public key, hex")
      ->required();
  command->add_option("--control", flags->controls, "HOST:PORT of a control, nearest first")
      ->delimiter(',');
  command
      ->add_option("--meter", flags->meters,
                   "HOST:PORT of a meter; more of them are tried in order; none: usage stays here")
      ->delimiter(',');
  command->add_option("--tls-certificate", flags->certificate, "PEM, of this gateway")->required();
  command->add_option("--tls-key", flags->key, "PEM, of this gateway")->required();
  command->add_option("--tls-authority", flags->authority, "PEM, of the network")->required();
  command->add_option("--listen", flags->listen, "HOST:PORT of its own front door")->delimiter(',');
  command
      ->add_option("--listen-shared", flags->listen_shared,
                   "HOST:PORT of the region's front door, shared with other gateways")
      ->delimiter(',');
  command->add_option("--hop", flags->hop, "HOST:PORT for other gateways, mutual TLS")->required();
  command->add_option("--secrets", flags->secrets,
                      "file of name=value lines: engines' credentials");
  command->add_option("--engine-ca", flags->authorities, "NAME=FILE, a CA bundle for engines")
      ->delimiter(',');
  command->add_option("--access-log", flags->access_log, "file; default: access.log in --data");
#ifdef PORTOLAN_TEST_SEAMS
  command->add_option("--record-received", flags->record_received, "test builds only");
  command->add_flag("--skip-entry-mask", flags->skip_entry_mask, "test builds only");
  command->add_flag("--skip-executor-mask", flags->skip_executor_mask, "test builds only");
  command->add_flag("--fall-by-world", flags->fall_by_world, "test builds only");
#endif
  command->callback([flags, &exit_code] { exit_code = run_process(*flags); });
}

}  // namespace portolan::app

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "app/commands.h"
#include "app/role.h"
#include "app/small_file.h"
#include "meter/run_meter.h"

namespace portolan::app {
namespace {

// As the flags say it.
struct MeterFlags {
  std::string network = "local";
  std::string data;
  std::string listen = "127.0.0.1:7402";
  std::string certificate;
  std::string key;
  std::string authority;
  std::string record_received;
};

Result<meter::RunOptions> read_options(runtime::Disk& disk, const MeterFlags& flags) {
  meter::RunOptions options{
      .network = flags.network, .ledger = flags.data + "/ledger.db", .tls = {}, .listen = {}};
  TRY(options.tls.certificate, disk.read(flags.certificate, small_file_bytes_max));
  TRY(options.tls.key, disk.read(flags.key, small_file_bytes_max));
  TRY(options.tls.authority, disk.read(flags.authority, small_file_bytes_max));
  TRY(options.listen, runtime::parse_address(flags.listen));
  TRY_DO(disk.make_folder(flags.data));
  return options;
}

void print_meter_ready(const runtime::Address& address) {
  std::cout << "the meter is ready: " << runtime::to_string(address) << std::endl;
}

runtime::Task<Status> serve_meter(runtime::EpollShard& shard, meter::RunOptions& options,
                                  runtime::Event& stop) {
  return meter::run_meter(shard, options, print_meter_ready, stop);
}

int run_process(const MeterFlags& flags) {
  const auto read = [&flags](runtime::EpollShard& shard) {
#ifdef PORTOLAN_TEST_SEAMS
    if (!flags.record_received.empty()) shard.record_received(flags.record_received);
#endif
    return read_options(shard.disk(), flags);
  };
  return run_role("meter", {flags.certificate, flags.key, flags.authority}, read, serve_meter);
}

}  // namespace

void add_meter(CLI::App& app, int& exit_code) {
  auto* command =
      app.add_subcommand("meter", "take usage from gateways, keep the ledger, answer 'usage'");
  auto flags = std::make_shared<MeterFlags>();
  command->add_option("--network", flags->network, "name of the network")->capture_default_str();
  command->add_option("--data", flags->data, "folder of its own, for its ledger")->required();
  command->add_option("--listen", flags->listen, "HOST:PORT for gateways and control, mutual TLS")
      ->capture_default_str();
  command->add_option("--tls-certificate", flags->certificate, "PEM, of this process")->required();
  command->add_option("--tls-key", flags->key, "PEM, of this process")->required();
  command->add_option("--tls-authority", flags->authority, "PEM, of the network")->required();
#ifdef PORTOLAN_TEST_SEAMS
  command->add_option("--record-received", flags->record_received, "test builds only");
#endif
  command->callback([flags, &exit_code] { exit_code = run_process(*flags); });
}

}  // namespace portolan::app

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <memory>

#include "app/commands.h"
#include "app/role.h"
#include "app/small_file.h"
#include "app/store_places.h"
#include "control/run_control.h"
#include "model/world_seams.h"

namespace portolan::app {
namespace {

// As the flags say it.
struct ControlFlags {
  std::string network = "local";
  std::uint64_t epoch = 0;
  std::string data;
  std::string store;
  std::string admin = "127.0.0.1:7400";
  std::string gateways = "127.0.0.1:7401";
  std::vector<std::string> meters;
  control::Waves waves = control::Waves::paced;
  std::string admin_key_file;
  std::string signing_key;
  std::string signing_certificate;
  std::string certificate;
  std::string key;
  std::string authority;
  std::string ca_key;
  std::string ca_certificate;
  std::string root;
  std::string webhook;
  std::string webhook_secret;
  std::string webhook_ca;
  std::string record_received;
  bool skip_rule_limit = false;
};

Result<seal::Signer> read_signer(runtime::Disk& disk, const ControlFlags& flags) {
  TRY(const std::string key, disk.read(flags.signing_key, small_file_bytes_max));
  TRY(std::string certificate, disk.read(flags.signing_certificate, small_file_bytes_max));
  while (!certificate.empty() && certificate.back() == '\n') certificate.pop_back();
  TRY(auto signing_key, seal::SigningKey::from_pem(key));
  TRY(auto signing_certificate, seal::parse_certificate(certificate));
  return seal::Signer{std::move(signing_key), std::move(signing_certificate)};
}

// What lets machines join: all three or none.
Result<std::optional<control::Joining::Authority>> read_joining(runtime::Disk& disk,
                                                                const ControlFlags& flags) {
  std::optional<control::Joining::Authority> joining;
  if (flags.ca_key.empty()) return joining;
  joining.emplace();
  TRY(joining->tls.key, disk.read(flags.ca_key, small_file_bytes_max));
  TRY(joining->tls.certificate, disk.read(flags.ca_certificate, small_file_bytes_max));
  TRY(joining->root, disk.read(flags.root, small_file_bytes_max));
  while (!joining->root.empty() && joining->root.back() == '\n') joining->root.pop_back();
  return joining;
}

// PEM of who vouches for the receiver; empty where only the system's authorities do.
Result<std::string> read_webhook_ca(runtime::Disk& disk, const ControlFlags& flags, bool over_tls) {
  if (flags.webhook_ca.empty()) return std::string();
  if (!over_tls) {
    return Fault{Code::bad_configuration, Retry::never,
                 "--webhook-ca says who vouches for a receiver by TLS, and --webhook is http://; "
                 "make it https:// or leave --webhook-ca out."};
  }
  return read_file_named_by(disk, "--webhook-ca", flags.webhook_ca);
}

Result<std::optional<control::WebhookPlace>> read_webhook(runtime::Disk& disk,
                                                          const ControlFlags& flags) {
  std::optional<control::WebhookPlace> place;
  if (flags.webhook.empty()) return place;
  place.emplace();
  TRY(place->url, wire::parse_url(flags.webhook));
  TRY(place->authority, read_webhook_ca(disk, flags, place->url.tls));
  TRY(place->secret, disk.read(flags.webhook_secret, small_file_bytes_max));
  while (!place->secret.empty() && place->secret.back() == '\n') place->secret.pop_back();
  const auto& least = control::webhook_secret_bytes_min;
  if (place->secret.size() >= least.count()) return place;
  return Fault{
      Code::bad_configuration, Retry::never,
      fmt::format("{} holds a secret of {} bytes; {} is {}. 'openssl rand -hex 32' makes one.",
                  flags.webhook_secret, place->secret.size(), least.name, least.value)};
}

Result<control::RunOptions> read_options(runtime::Shard& shard, const ControlFlags& flags) {
  runtime::Disk& disk = shard.disk();
  TRY(auto signer, read_signer(disk, flags));
  control::RunOptions options{.network = flags.network,
                              .epoch = flags.epoch,
                              .data = flags.data,
                              .waves = flags.waves,
                              .admin_key_file = flags.admin_key_file,
                              .signer = std::move(signer),
                              .tls = {},
                              .admin = {},
                              .gateways = {}};
  TRY(options.tls.certificate, disk.read(flags.certificate, small_file_bytes_max));
  TRY(options.tls.key, disk.read(flags.key, small_file_bytes_max));
  TRY(options.tls.authority, disk.read(flags.authority, small_file_bytes_max));
  TRY(options.joining, read_joining(disk, flags));
  TRY(options.webhook, read_webhook(disk, flags));
  TRY(options.admin, runtime::parse_address(flags.admin));
  TRY(options.gateways, runtime::parse_address(flags.gateways));
  if (!flags.store.empty()) {
    TRY(options.etcd, read_etcd(shard, flags.store));
  }
  for (const std::string& text : flags.meters) {
    TRY(const auto meter, runtime::parse_address(text));
    options.meters.push_back(meter);
  }
  return options;
}

void print_control_ready(const control::Ready& ready) {
  if (!ready.admin_key.empty()) {
    std::cout << "admin key, shown this once: " << ready.admin_key << '\n';
  }
  std::cout << "control is ready: admin " << ready.admin_url << ", gateways "
            << runtime::to_string(ready.gateways) << std::endl;
}

runtime::Task<Status> serve_control(runtime::EpollShard& shard, control::RunOptions& options,
                                    runtime::Event& stop) {
  return control::run_control(shard, options, print_control_ready, stop);
}

void add_webhook_flags(CLI::App& command, ControlFlags& flags) {
  auto* webhook = command.add_option(
      "--webhook", flags.webhook,
      "http(s)://HOST[:PORT][/PATH] that is told of models that appear, degrade, recover or leave "
      "in a region");
  auto* secret = command.add_option("--webhook-secret", flags.webhook_secret,
                                    "file with the secret that events are signed with");
  webhook->needs(secret);
  secret->needs(webhook);
  command
      .add_option("--webhook-ca", flags.webhook_ca,
                  "PEM of who vouches for an https receiver; default: the system's authorities do, "
                  "for the URL's host")
      ->needs(webhook);
}

int run_process(const ControlFlags& flags) {
  const auto read = [&flags](runtime::EpollShard& shard) {
#ifdef PORTOLAN_TEST_SEAMS
    if (!flags.record_received.empty()) shard.record_received(flags.record_received);
    model::world_seams.skip_rule_limit = flags.skip_rule_limit;
#endif
    return read_options(shard, flags);
  };
  return run_role("control", {flags.certificate, flags.key, flags.authority}, read, serve_control);
}

}  // namespace

void add_control(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("control", "apply resources, sign Worlds, keep keys");
  auto flags = std::make_shared<ControlFlags>();
  command->add_option("--network", flags->network, "name of the network")->capture_default_str();
  command->add_option("--data", flags->data, "folder of its own, for its store")->required();
  command->add_option("--store", flags->store,
                      "etcd://HOST:PORT,HOST:PORT[?ca=FILE&certificate=FILE&key=FILE], shared by "
                      "several controls; default: SQLite in --data");
  command
      ->add_option("--admin", flags->admin,
                   "HOST:PORT of the admin API; plain HTTP on loopback, TLS elsewhere")
      ->capture_default_str();
  command->add_option("--gateways", flags->gateways, "HOST:PORT for gateways, mutual TLS")
      ->capture_default_str();
  command
      ->add_option("--meter", flags->meters,
                   "HOST:PORT of a meter, asked for usage; more of them are tried in order")
      ->delimiter(',');
  command->add_option("--signing-key", flags->signing_key, "PEM, Ed25519, signs Worlds")
      ->required();
  command
      ->add_option("--certificate", flags->signing_certificate,
                   "the root's word for the signing key, JSON")
      ->required();
  command->add_option("--tls-certificate", flags->certificate, "PEM, of this process")->required();
  command->add_option("--tls-key", flags->key, "PEM, of this process")->required();
  command->add_option("--tls-authority", flags->authority, "PEM, of the network")->required();
  auto* ca_key = command->add_option("--ca-key", flags->ca_key,
                                     "PEM, of the network's authority: machines can join then");
  auto* ca = command->add_option("--ca-certificate", flags->ca_certificate, "PEM, of that key");
  auto* root = command->add_option("--root", flags->root,
                                   "file with the root public key, hex, for machines that join");
  ca_key->needs(ca)->needs(root);
  ca->needs(ca_key);
  root->needs(ca_key);
  command->add_option("--admin-key-file", flags->admin_key_file,
                      "written at the first start, mode 0600; default: the key is printed");
  command->add_option(
      "--epoch", flags->epoch,
      "raise it by one when its files were copied back by hand; 'portolan restore' does "
      "so by itself. Default: as stored");
  const std::map<std::string, control::Waves> waves = {{"paced", control::Waves::paced},
                                                       {"at-once", control::Waves::at_once}};
  command
      ->add_option("--waves", flags->waves,
                   "how a new World goes out: paced (one zone, its region, the rest; back by "
                   "itself where it does harm) or at-once; default: paced")
      ->transform(CLI::CheckedTransformer(waves).description(""));
  add_webhook_flags(*command, *flags);
#ifdef PORTOLAN_TEST_SEAMS
  command->add_option("--record-received", flags->record_received, "test builds only");
  command->add_flag("--skip-rule-limit", flags->skip_rule_limit, "test builds only");
#endif
  command->callback([flags, &exit_code] { exit_code = run_process(*flags); });
}

}  // namespace portolan::app

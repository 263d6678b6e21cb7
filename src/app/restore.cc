#include "control/restore.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "cli/restore_view.h"
#include "runtime/epoll_shard.h"

namespace portolan::app {
namespace {

int run_restore(const control::RestoreOrder& order) {
  runtime::EpollShard shard;
  const auto restored = control::restore_store(shard.disk(), order, shard.wall_now());
  if (!restored) return print_fault("restore", restored.error());
  const auto& numbers = restored->manifest.numbers;
  std::cout
      << "restored into " << order.data << ": World " << numbers.world << ", Keyring "
      << numbers.keyring << ", Restrictions " << numbers.restrictions << ", epoch "
      << numbers.epoch + 1 << " (the backup's was " << numbers.epoch << ")\n\n"
      << "Whatever was changed after the backup is missing: resources, keys, AND REVOCATIONS. So\n"
         "control holds this World and Keyring back, and gateways serve what they know, for as\n"
         "long as their workspaces' key_freshness (24 h) lasts. Next:\n"
         "  1. start control as before, with --data "
      << order.data
      << "\n  2. portolan restore status     what gateways held and this store lacks\n"
         "  3. apply, revoke and restrict again what is missing\n"
         "  4. portolan restore finish     gateways take it; they refuse what would bring back a\n"
         "                                 key that they know as revoked, or lift what they deny\n";
  return 0;
}

int call(const AdminFlags& admin, const char* method, const std::string& target) {
  const auto access = access_of(admin);
  if (!access) return print_fault("restore", access.error());
  const auto answer = cli::call_admin(*access, method, target, "");
  if (!answer) return print_fault("restore", answer.error());
  std::cout << (admin.output == "json" ? wire::render_pretty(*answer) + "\n"
                                       : cli::render_restore(*answer));
  return 0;
}

}  // namespace

void add_restore(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "restore",
      "make a store for control out of a backup, offline, and say what it lacks\n"
      "  portolan restore control.backup --data ~/.portolan/control\n"
      "  portolan restore status\n"
      "  portolan restore finish --reason \"made up for rules and revocations\"\n\n"
      "The folder must have no store. The epoch rises by itself: gateways never take a restored\n"
      "number for one that they had. Into etcd: restore into a folder, then 'portolan store "
      "migrate'.");
  auto order = std::make_shared<control::RestoreOrder>();
  order->network = "local";
  command->add_option("file", order->file, "what 'portolan backup' wrote");
  command->add_option("--data", order->data, "control's folder");
  command->add_option("--network", order->network, "whose backup it has to be")
      ->capture_default_str();
  command->add_option("--reason", order->reason, "why; 'portolan audit list' shows it");
  auto* status = command->add_subcommand("status", "what gateways held and the backup lacks");
  auto status_admin = add_admin_flags(*status, {"table", "json"});
  status->callback(
      [status_admin, &exit_code] { exit_code = call(*status_admin, "GET", "/admin/v1/restore"); });
  auto* finish =
      command->add_subcommand("finish", "send World and Keyring to gateways from now on");
  auto finish_admin = add_admin_flags(*finish, {"table", "json"});
  add_reason_flag(*finish, *finish_admin);
  finish->callback([finish_admin, &exit_code] {
    const auto target = with_reason("/admin/v1/restore/finish", *finish_admin);
    exit_code = call(*finish_admin, "POST", target);
  });
  command->callback([command, order, &exit_code] {
    if (!command->get_subcommands().empty()) return;
    if (order->file.empty() || order->data.empty()) {
      std::cerr << "portolan restore: name the backup, and control's folder with --data\n";
      exit_code = 2;
      return;
    }
    exit_code = run_restore(*order);
  });
}

}  // namespace portolan::app

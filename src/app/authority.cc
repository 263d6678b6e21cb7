#include <CLI/CLI.hpp>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "app/small_file.h"
#include "cli/control_key.h"
#include "runtime/epoll_shard.h"

namespace portolan::app {
namespace {

constexpr int days_max = 3650;

struct AuthorityFlags {
  std::string file;
  std::string root_key;
  cli::ControlKey key{.network = "local", .control = {}, .public_key = {}, .life = {}};
  int days = 365;
};

int make_control_key(const std::string& file) {
  runtime::EpollShard shard;
  const auto made = cli::settle_control_key(shard, file);
  if (!made) return print_fault("authority", made.error());
  std::cout << *made << '\n';
  return 0;
}

Result<std::string> sign_for_control(const AuthorityFlags& flags) {
  runtime::EpollShard shard;
  auto root_key = shard.disk().read(flags.root_key, small_file_bytes_max);
  if (!root_key) {
    return Fault{root_key.error().code, Retry::never,
                 flags.root_key + ": " + root_key.error().message};
  }
  while (!root_key->empty() && root_key->back() == '\n') root_key->pop_back();
  cli::ControlKey key = flags.key;
  key.life = Duration::hours(24) * flags.days;
  return cli::certify_control(*root_key, key, shard.wall_now());
}

void add_sign_control(CLI::App& command, const std::shared_ptr<AuthorityFlags>& flags,
                      int& exit_code) {
  auto* sign = command.add_subcommand(
      "sign-control",
      "the root's word that a control may sign Worlds; printed, for 'control --certificate'\n"
      "  portolan authority sign-control --root-key root.key --id control-2 --public-key HEX");
  sign->add_option("--root-key", flags->root_key,
                   "file with the root's secret key, hex; it is read, and nothing is sent")
      ->required();
  sign->add_option("--id", flags->key.control, "of the control, as 'portolan join' showed it")
      ->required();
  sign->add_option("--public-key", flags->key.public_key,
                   "hex, as 'portolan join' or 'portolan authority make-key' showed it")
      ->required();
  sign->add_option("--network", flags->key.network, "name of the network")->capture_default_str();
  sign->add_option("--days", flags->days, "that it is valid")
      ->check(CLI::Range(1, days_max))
      ->capture_default_str();
  sign->callback([flags, &exit_code] {
    const auto certificate = sign_for_control(*flags);
    if (!certificate) {
      exit_code = print_fault("authority", certificate.error());
      return;
    }
    std::cout << *certificate << '\n';
  });
}

}  // namespace

void add_authority(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "authority", "keys by which controls sign Worlds, and the root's word for them");
  command->require_subcommand(1);
  auto flags = std::make_shared<AuthorityFlags>();
  auto* make = command->add_subcommand(
      "make-key",
      "a key for 'control --signing-key', where the file is missing; shows its public half\n"
      "  portolan authority make-key control.key");
  make->add_option("file", flags->file, "PEM, secret; stays on control's machine")->required();
  make->callback([flags, &exit_code] { exit_code = make_control_key(flags->file); });
  add_sign_control(*command, flags, exit_code);
}

}  // namespace portolan::app

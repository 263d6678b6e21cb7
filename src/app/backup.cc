#include <CLI/CLI.hpp>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "control/backup_file.h"
#include "runtime/kernel_disk.h"
#include "wire/url.h"
#include "world/time_text.h"

namespace portolan::app {
namespace {

struct Page {
  control::BackupManifest manifest;
  std::vector<control::BackupItem> items;
  std::string next;
};

Result<Page> fetch_page(const cli::AdminAccess& access, std::uint64_t revision,
                        const std::string& after) {
  std::string target = "/admin/v1/backup?after=";
  wire::append_percent_encoded(target, after);
  if (revision != 0) target += "&revision=" + std::to_string(revision);
  TRY(const auto answer, cli::call_admin(access, "GET", target, ""));
  const auto* manifest = answer.find("manifest");
  const auto* items = answer.find("items");
  const auto* next = answer.find("next");
  if (manifest == nullptr || next == nullptr || items == nullptr || items->as_array() == nullptr) {
    return Fault{Code::malformed_peer, Retry::never, "control's answer is no page of a backup"};
  }
  Page page;
  TRY(page.manifest, control::read_manifest(*manifest));
  for (const auto& json : *items->as_array()) {
    TRY(auto item, control::read_item(json));
    page.items.push_back(std::move(item));
  }
  if (next->as_string() != nullptr) page.next = *next->as_string();
  return page;
}

// A page at a time, all of the revision of the first.
Status write_backup(const cli::AdminAccess& access, runtime::Disk& disk, const std::string& file) {
  TRY(auto page, fetch_page(access, 0, ""));
  const auto revision = page.manifest.revision;
  TRY_DO(disk.replace(file, "", true));
  TRY(const auto out, disk.open_append(file));
  control::BackupLines lines;
  TRY_DO(out->append(lines.add(control::manifest_json(page.manifest))));
  for (;;) {
    for (const auto& item : page.items) TRY_DO(out->append(lines.add(control::item_json(item))));
    if (page.next.empty()) break;
    const auto after = page.next;
    TRY(page, fetch_page(access, revision, after));
  }
  TRY_DO(out->append(lines.end()));
  return out->sync();
}

Result<control::Backup> read_whole(runtime::Disk& disk, const std::string& file) {
  return control::read_backup(disk, file, [](const auto&) { return Status{}; });
}

void print_backup(const control::Backup& backup, const std::string& file, bool json) {
  const auto& manifest = backup.manifest;
  std::size_t revoked = 0;
  for (const auto& [id, key] : backup.state.keys) revoked += key.revoked ? 1 : 0;
  if (json) {
    auto said = control::manifest_json(manifest);
    said.set("keys", backup.state.keys.size());
    said.set("revoked_keys", revoked);
    said.set("resources", backup.state.resource_versions.size());
    std::cout << wire::render_pretty(said) << '\n';
    return;
  }
  std::cout << file << " is whole: network " << manifest.numbers.network << ", "
            << world::render_date(manifest.time) << ", epoch " << manifest.numbers.epoch
            << "\n  World " << manifest.numbers.world << ", Keyring " << manifest.numbers.keyring
            << ", Restrictions " << manifest.numbers.restrictions << ", revision "
            << manifest.revision << "\n  " << backup.state.resource_versions.size()
            << " resources, " << backup.state.keys.size() << " keys (" << revoked
            << " revoked)\n  audit log up to " << seal::render_chain_head(manifest.audit)
            << "\nIt holds digests of keys, no key and no engine's secret. Signing keys and\n"
               "certificates (the folder 'authority') are not in it: keep a copy of those, too.\n";
}

int run_backup(const AdminFlags& admin, const std::string& file) {
  const auto access = access_of(admin);
  if (!access) return print_fault("backup", access.error());
  runtime::KernelDisk disk;
  if (disk.read_range(file, 0, 1)) {
    return print_fault("backup", {Code::resource_conflict, Retry::never,
                                  file + " is there already; give a name that is free"});
  }
  const Status written = write_backup(*access, disk, file);
  if (!written) {
    (void)disk.remove(file);
    return print_fault("backup", written.error());
  }
  const auto checked = read_whole(disk, file);
  if (!checked) return print_fault("backup", checked.error());
  print_backup(*checked, file, admin.output == "json");
  return 0;
}

int run_verify(const std::string& file, bool json) {
  runtime::KernelDisk disk;
  const auto checked = read_whole(disk, file);
  if (!checked) return print_fault("backup verify", checked.error());
  print_backup(*checked, file, json);
  return 0;
}

}  // namespace

void add_backup(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "backup",
      "copy control's store into a file, as it was at one moment, while control runs\n"
      "  portolan backup control.backup\n"
      "  portolan backup verify control.backup\n\n"
      "It has resources, digests of keys, restrictions and the audit log; mode 0600. Its checksum\n"
      "finds damage, not a forger: keep it where only you write. To read it back: portolan "
      "restore");
  auto file = std::make_shared<std::string>();
  auto admin = add_admin_flags(*command, {"table", "json"});
  command->add_option("file", *file, "a name that is free");
  auto* verify = command->add_subcommand("verify", "is a backup whole? offline; 0: yes, 1: no");
  auto checked = std::make_shared<std::string>();
  auto output = std::make_shared<std::string>("table");
  verify->add_option("file", *checked, "what 'portolan backup' wrote")->required();
  verify->add_option("-o,--output", *output, "table or json")
      ->check(CLI::IsMember({"table", "json"}));
  verify->callback(
      [checked, output, &exit_code] { exit_code = run_verify(*checked, *output == "json"); });
  command->callback([command, admin, file, &exit_code] {
    if (!command->get_subcommands().empty()) return;
    if (file->empty()) {
      std::cerr << "portolan backup: name the file to write\n";
      exit_code = 2;
      return;
    }
    exit_code = run_backup(*admin, *file);
  });
}

}  // namespace portolan::app

#include "control/restore.h"

#include <fmt/format.h>

#include <filesystem>

#include "control/audit.h"
#include "control/change.h"
#include "control/join_codec.h"
#include "control/state_codec.h"
#include "store/control_table.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

constexpr std::size_t keys_a_commit = 5'000;

// Keys on their way into a store, some thousands a commit.
class Filling {
 public:
  explicit Filling(store::ControlTable& table) : table_(table) {}

  // A token that was used behind the backup would let another machine in.
  Status add(const BackupItem& item) {
    if (item.key.starts_with(token_prefix)) return {};
    puts_.puts.push_back({.key = item.key, .value = item.value, .lease = 0});
    return puts_.puts.size() < keys_a_commit ? Status{} : flush();
  }
  Status flush() {
    TRY_DO(table_.commit(std::exchange(puts_, {})));
    return {};
  }

 private:
  store::ControlTable& table_;
  store::Transaction puts_;
};

// The last commit: the epoch rises, and the store says what it is.
Status mark_restored(store::ControlTable& table, const Backup& backup, const RestoreOrder& order,
                     WallTime now) {
  store::RangeRequest all_but_audit;
  all_but_audit.after = behind_audit;
  TRY(const auto range, table.range(all_but_audit));
  TRY(const auto state, read_state(range));
  auto raised = compile_epoch(state, state.numbers.epoch + 1);
  const RestoredFrom from{.numbers = backup.manifest.numbers,
                          .taken = world::render_date(backup.manifest.time),
                          .restored = world::render_date(now),
                          .finished = false,
                          .lacked = {}};
  raised.transaction.puts.push_back(
      {.key = std::string(restored_key), .value = render_restored(from), .lease = 0});
  AuditFacts facts{.act = Act::restore,
                   .by = {.reason = order.reason},
                   .time = now,
                   .numbers = raised.numbers,
                   .things = {{"Backup", from.taken, "restored"}}};
  add_audit(state, facts, raised.transaction);
  TRY_DO(table.commit(raised.transaction));
  return {};
}

Result<Backup> fill(runtime::Disk& disk, const RestoreOrder& order, const Backup& checked,
                    const std::string& path, WallTime now) {
  TRY(auto table, store::ControlTable::open({.path = path}));
  TRY_DO(table.begin_behind(checked.manifest.revision));
  Filling filling(table);
  TRY(auto backup,
      read_backup(disk, order.file, [&](const BackupItem& item) { return filling.add(item); }));
  TRY_DO(filling.flush());
  TRY_DO(mark_restored(table, backup, order, now));
  return backup;
}

void remove_store(const std::string& path) {
  std::error_code ignored;
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end, ignored);
}

}  // namespace

Result<Backup> restore_store(runtime::Disk& disk, const RestoreOrder& order, WallTime now) {
  TRY(const auto checked,
      read_backup(disk, order.file, [](const BackupItem&) { return Status{}; }));
  if (checked.manifest.numbers.network != order.network) {
    return Fault{Code::bad_configuration, Retry::never,
                 fmt::format("The backup is of the network '{}', not '{}'.",
                             checked.manifest.numbers.network, order.network)};
  }
  const auto path = order.data + "/control.db";
  std::error_code unknown;
  if (std::filesystem::exists(path, unknown) || unknown) {
    return Fault{Code::resource_conflict, Retry::never,
                 fmt::format("{} has a store already. Nothing was changed. Move it away, with the "
                             "files beside it, if it is to be replaced.",
                             order.data)};
  }
  TRY_DO(disk.make_folder(order.data));
  const auto aside = path + ".restoring";
  remove_store(aside);
  auto filled = fill(disk, order, checked, aside, now);
  if (!filled) {
    remove_store(aside);
    return filled;
  }
  std::error_code failed;
  std::filesystem::rename(aside, path, failed);
  if (!failed) return filled;
  return Fault{Code::disk_failed, Retry::later,
               fmt::format("{} cannot be renamed: {}.", aside, failed.message())};
}

}  // namespace portolan::control

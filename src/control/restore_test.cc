#include "control/restore.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "control/control_stage_test_support.h"
#include "control/plan_restore.h"
#include "runtime/kernel_disk.h"

namespace portolan::control {
namespace {

using namespace testing;

struct RestoreTest : ControlStage {
  void SetUp() override {
    root = "/tmp/portolan-restore-XXXXXX";
    check(mkdtemp(root.data()) != nullptr, "no folder for a test");
  }
  void TearDown() override { std::filesystem::remove_all(root); }
  static inline std::string root;
};

// What `portolan backup` writes.
Task<std::string> backup_text(Stage& stage) {
  BackupLines lines;
  std::string text;
  std::string after;
  std::uint64_t revision = 0;
  do {
    const auto page = co_await stage.control->read_backup(revision, after);
    check(page.has_value(), "a page is read");
    if (revision == 0) text += lines.add(manifest_json(page->manifest));
    revision = page->manifest.revision;
    for (const auto& item : page->items) text += lines.add(item_json(item));
    after = page->next;
  } while (!after.empty());
  co_return text + lines.end();
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

Result<Backup> read(const std::string& path) {
  runtime::KernelDisk disk;
  return read_backup(disk, path, [](const BackupItem&) { return Status{}; });
}

Result<Backup> restore(const std::string& file, const std::string& data,
                       std::string network = "net") {
  runtime::KernelDisk disk;
  const RestoreOrder order{file, data, std::move(network), "the disk died"};
  return restore_store(disk, order, WallTime::from_unix_seconds(1'000));
}

TEST_F(RestoreTest, EveryByteThatIsChangedAndEveryCutIsFound) {
  play([](Stage& stage) -> Task<void> {
    const auto text = co_await backup_text(stage);
    const auto file = RestoreTest::root + "/backup";
    write(file, text);
    const auto whole = read(file);
    EXPECT_TRUE(whole) << whole.error().message;
    for (std::size_t at = 0; at < text.size(); ++at) {
      auto changed = text;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      write(file, changed);
      EXPECT_FALSE(read(file)) << at;
      write(file, text.substr(0, at));
      EXPECT_FALSE(read(file)) << at;
    }
    write(file, text + "\n");
    EXPECT_FALSE(read(file));
  });
}

TEST_F(RestoreTest, WhatMayNotBeRestoredLeavesNothingBehind) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const auto text = co_await backup_text(stage);
    const auto at = RestoreTest::root;
    write(at + "/torn", text.substr(0, text.size() / 2));
    write(at + "/whole", text);
    EXPECT_EQ(restore(at + "/torn", at + "/data").error().code, Code::invalid_resource);
    EXPECT_EQ(restore(at + "/none", at + "/data").error().code, Code::resource_not_found);
    EXPECT_EQ(restore(at + "/whole", at + "/data", "other").error().code, Code::bad_configuration);
    EXPECT_FALSE(std::filesystem::exists(at + "/data"));
    EXPECT_TRUE(restore(at + "/whole", at + "/data"));
    const auto again = restore(at + "/whole", at + "/data");
    EXPECT_EQ(again.error().code, Code::resource_conflict);
    std::set<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(at + "/data")) {
      left.insert(entry.path().filename().string());
    }
    EXPECT_EQ(left, std::set<std::string>{"control.db"});
  });
}

// Control as it starts on what was restored from that text.
Task<void> open_restored(Stage& stage, const std::string& text) {
  const auto at = RestoreTest::root;
  write(at + "/backup", text);
  const auto restored = restore(at + "/backup", at + "/data");
  check(restored.has_value(), "a whole backup is restored");
  stage.control.reset();
  co_await stage.store->close();
  store::SqliteControlStore::Options options;
  options.path = at + "/data/control.db";
  auto opened = co_await store::SqliteControlStore::open(stage.shard, options);
  check(opened.has_value(), "the restored store opens");
  stage.store = std::move(*opened);
  co_await reopen(stage);
}

TEST_F(RestoreTest, AllComesBackUnderAHigherEpochBehindTheSameRevisionsAndLog) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const KeyWish wish{"eu", {}, {}};
    const auto key = co_await stage.control->create_key(wish);
    const auto revoked = co_await stage.control->revoke_key(key->id);
    EXPECT_TRUE(revoked);
    const auto before = stage.control->state();
    const auto text = co_await backup_text(stage);
    co_await open_restored(stage, text);
    const auto& after = stage.control->state();
    EXPECT_EQ(after.keys, before.keys);
    EXPECT_EQ(*after.contents, *before.contents);
    EXPECT_EQ(after.restrictions.revoked_keys, before.restrictions.revoked_keys);
    EXPECT_EQ(after.numbers.epoch, before.numbers.epoch + 1);
    EXPECT_EQ(after.numbers.world, before.numbers.world);
    EXPECT_EQ(after.numbers.keyring, before.numbers.keyring);
    EXPECT_GT(after.revision, before.revision);
    for (const auto& [name, version] : after.resource_versions) EXPECT_GT(version, before.revision);
    EXPECT_TRUE(after.held_back());
    EXPECT_EQ(after.restored->numbers, before.numbers);
    const auto log = co_await stage.control->read_audit(1, audit_page_entries_max.value);
    seal::ChainCheck chain(before.audit.head);
    for (const auto& entry : log->entries) EXPECT_TRUE(chain.add(entry));
    EXPECT_TRUE(chain.end());
    EXPECT_EQ(chain.head().number, before.audit.head.number + 1);
    EXPECT_NE(log->entries.back().find("the disk died"), std::string::npos);
  });
}

TEST_F(RestoreTest, WhatAProcessHeldByALeaseDoesNotComeBack) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const auto lease = co_await stage.store->grant_lease(Duration::seconds(60));
    store::Transaction held;
    for (const char* key : {"rollout-driver", "opening-driver", "webhook/sender", "told/a/000"}) {
      held.puts.push_back({.key = key, .value = "", .lease = *lease});
    }
    const auto put = co_await stage.store->commit(std::move(held));
    EXPECT_TRUE(put);
    const auto text = co_await backup_text(stage);
    for (const char* key : {"rollout-driver", "opening-driver", "webhook/sender", "told/a/000"}) {
      EXPECT_FALSE(text.contains(key)) << key;
    }
  });
}

TEST_F(RestoreTest, NothingOlderIsSentUntilItIsFinishedAndThenAllIsNewer) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const auto text = co_await backup_text(stage);
    const KeyWish wish{"eu", {}, {}};
    const auto later = co_await stage.control->create_key(wish);
    EXPECT_TRUE(later);
    auto held = poll_holding_all(*stage.control);
    held.world->version.number += 5;
    // An earlier restore had this epoch already.
    held.world->version.epoch = 2;
    co_await open_restored(stage, text);
    held.wait_ms = 1;
    const auto waiting = co_await stage.control->poll(held);
    EXPECT_EQ(waiting->documents.size(), 1u);
    EXPECT_EQ(waiting->documents.at(0).kind, seal::DocumentKind::restrictions);
    EXPECT_FALSE(waiting->confirmed);
    const auto& state = stage.control->state();
    const auto gap = find_restore_gap(state, *state.restored, stage.control->gateways().by_id());
    EXPECT_TRUE(gap.world && gap.keyring && !gap.restrictions);
    const auto said = render_gap(*state.restored, gap);
    EXPECT_NE(said.find("World 6 and restored is 1; Keyring 3 and restored is 2"), said.npos)
        << said;
    const auto finished = co_await stage.control->finish_restore();
    EXPECT_TRUE(finished) << finished.error().message;
    EXPECT_EQ(stage.control->state().numbers.epoch, 3u);
    const auto sent = co_await stage.control->poll(held);
    EXPECT_EQ(sent->documents.size(), 3u);
    EXPECT_TRUE(sent->confirmed);
    const auto again = co_await stage.control->finish_restore();
    EXPECT_EQ(again.error().code, Code::resource_not_found);
    co_await reopen(stage);
    EXPECT_EQ(stage.control->state().restored->lacked, said);
    EXPECT_FALSE(stage.control->state().held_back());
  });
}

}  // namespace
}  // namespace portolan::control

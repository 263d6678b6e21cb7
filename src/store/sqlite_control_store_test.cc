#include "store/sqlite_control_store.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "runtime/epoll_shard.h"
#include "store/control_table.h"

namespace portolan::store {
namespace {

namespace fs = std::filesystem;

struct SqliteControlStoreTest : ::testing::Test {
  std::string folder = [] {
    std::string name = "/tmp/portolan-store-XXXXXX";
    check(mkdtemp(name.data()) != nullptr, "no folder for a test");
    return name;
  }();
  ~SqliteControlStoreTest() override { fs::remove_all(folder); }

  ControlTable::Options at(const std::string& name) const {
    ControlTable::Options options;
    options.path = folder + "/" + name;
    return options;
  }
};

Transaction put(std::string key, std::string value) {
  Transaction transaction;
  transaction.puts.push_back({.key = std::move(key), .value = std::move(value)});
  return transaction;
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

Fault fault_of(const Result<ControlTable>& opened) {
  return opened ? Fault{Code::cancelled, Retry::never, "it opened"} : opened.error();
}

TEST_F(SqliteControlStoreTest, AFileThatIsNoDatabaseIsRefused) {
  write(folder + "/db", std::string(10'000, 'x'));
  const auto fault = fault_of(ControlTable::open(at("db")));
  EXPECT_EQ(fault.code, Code::store_failed);
  EXPECT_NE(fault.message.find("damaged"), std::string::npos) << fault.message;
}

TEST_F(SqliteControlStoreTest, AFolderThatIsNotThereIsADiskFault) {
  EXPECT_EQ(fault_of(ControlTable::open(at("missing/db"))).code, Code::disk_failed);
}

TEST_F(SqliteControlStoreTest, ADatabaseOfAnotherProgramIsRefused) {
  {
    auto other = SqliteDatabase::open({folder + "/db", 77, 1, 1 << 30});
    ASSERT_TRUE(other);
    ASSERT_TRUE(other->execute("CREATE TABLE t(x)"));
  }
  const auto fault = fault_of(ControlTable::open(at("db")));
  EXPECT_EQ(fault.code, Code::store_failed);
  EXPECT_NE(fault.message.find("another program"), std::string::npos) << fault.message;
}

TEST_F(SqliteControlStoreTest, AFileOfANewerSchemaIsRefused) {
  ASSERT_TRUE(ControlTable::open(at("db")));
  {
    auto newer = SqliteDatabase::open({folder + "/db", 0x50544c43, 9, 1 << 30});
    ASSERT_TRUE(newer) << newer.error().message;
    ASSERT_TRUE(newer->set_version(9));
  }
  const auto fault = fault_of(ControlTable::open(at("db")));
  EXPECT_EQ(fault.code, Code::store_failed);
  EXPECT_NE(fault.message.find("newer"), std::string::npos) << fault.message;
}

TEST_F(SqliteControlStoreTest, AFileThatIsHeldIsRefused) {
  auto holder = ControlTable::open(at("db"));
  ASSERT_TRUE(holder);
  const auto fault = fault_of(ControlTable::open(at("db")));
  EXPECT_EQ(fault.code, Code::store_failed);
  EXPECT_NE(fault.message.find("another process"), std::string::npos) << fault.message;
}

TEST_F(SqliteControlStoreTest, AFullDiskLeavesNothingHalfDone) {
  auto options = at("db");
  options.bytes_max = 256 * 1024;
  auto table = ControlTable::open(options);
  ASSERT_TRUE(table);
  ASSERT_TRUE(table->commit(put("small", "1")));
  auto large = put("a", std::string(100'000, 'a'));
  large.puts.push_back({.key = "small", .value = "2"});
  large.puts.push_back({.key = "z", .value = std::string(300'000, 'z')});
  const auto outcome = table->commit(large);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::disk_full);
  const auto after = table->range({});
  ASSERT_TRUE(after);
  EXPECT_EQ(*after, (Range{{{"small", "1", 1, 1}}, 1}));
  EXPECT_EQ(*table->commit(put("small", "3")), 2u);
}

TEST_F(SqliteControlStoreTest, AnyCutOfTheLogLeavesWhatSomeCommitLeft) {
  std::string main, log;
  {
    auto table = ControlTable::open(at("db"));
    ASSERT_TRUE(table);
    for (int i = 1; i <= 5; ++i) {
      auto pair = put("a", std::to_string(i));
      pair.puts.push_back({.key = "b", .value = std::to_string(i)});
      ASSERT_TRUE(table->commit(pair));
    }
    main = read(folder + "/db");
    log = read(folder + "/db-wal");  // as a crash now would leave it
  }
  ASSERT_GT(log.size(), 10'000u);
  std::uint64_t highest = 0;
  for (std::size_t size = 0; size <= log.size(); size += 1'237) {
    write(folder + "/cut", main);
    write(folder + "/cut-wal", std::string_view(log).substr(0, size));
    auto table = ControlTable::open(at("cut"));
    ASSERT_TRUE(table) << table.error().message;
    const auto range = table->range({});
    ASSERT_TRUE(range);
    EXPECT_EQ(range->items.size(), range->revision == 0 ? 0u : 2u);
    for (const auto& item : range->items) EXPECT_EQ(item.value, std::to_string(range->revision));
    EXPECT_GE(range->revision, highest);
    highest = range->revision;
    fs::remove(folder + "/cut");
    fs::remove(folder + "/cut-wal");
  }
  EXPECT_GE(highest, 4u);
}

TEST_F(SqliteControlStoreTest, ATruncatedFileNeverOpensAsIfItWereWhole) {
  {
    auto table = ControlTable::open(at("db"));
    ASSERT_TRUE(table);
    for (int i = 0; i < 40; ++i) {
      ASSERT_TRUE(table->commit(put(std::to_string(i), std::string(3'000, 'v'))));
    }
  }
  const auto whole = read(folder + "/db");
  for (std::size_t size = 100; size < whole.size(); size += 9'999) {
    write(folder + "/cut", std::string_view(whole).substr(0, size));
    const auto table = ControlTable::open(at("cut"));
    EXPECT_FALSE(table) << size;
    fs::remove(folder + "/cut");
    fs::remove(folder + "/cut-wal");
  }
}

using runtime::Task;

Task<void> fill(runtime::EpollShard& shard, ControlTable::Options options) {
  auto store = co_await SqliteControlStore::open(shard, options);
  EXPECT_TRUE(store);
  const auto lease = co_await (*store)->grant_lease(Duration::seconds(60));
  auto leased = put("a", "1");
  leased.puts[0].lease = *lease;
  const auto first = co_await (*store)->commit(leased);
  const auto other = co_await (*store)->commit(put("b", "2"));
  EXPECT_EQ(*first, 1u);
  EXPECT_EQ(*other, 2u);
  co_await (*store)->close();
}

Task<void> find_again(runtime::EpollShard& shard, ControlTable::Options options) {
  auto store = co_await SqliteControlStore::open(shard, options);
  EXPECT_TRUE(store);
  const auto range = co_await (*store)->range({});
  const Range expected{{{"a", "1", 1, 1}, {"b", "2", 2, 2}}, 2};
  EXPECT_EQ(*range, expected);
  const auto alive = co_await (*store)->keep_alive(1);
  const auto revoked = co_await (*store)->revoke_lease(1);
  EXPECT_TRUE(alive && revoked);
  const auto changes = co_await (*store)->watch({"", 1}, Instant::never());
  EXPECT_EQ(changes->next, 4u);
  co_await (*store)->close();
}

TEST_F(SqliteControlStoreTest, ARestartFindsKeysRevisionsAndLeasesAgain) {
  runtime::EpollShard shard;
  shard.run(fill(shard, at("db")));
  shard.run(find_again(shard, at("db")));
}

}  // namespace
}  // namespace portolan::store

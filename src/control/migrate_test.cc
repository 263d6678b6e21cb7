#include "control/migrate.h"

#include <algorithm>
#include <map>

#include "control/control_stage_test_support.h"
#include "control/state_codec.h"

namespace portolan::control {
namespace {

using namespace testing;
using Store = std::unique_ptr<store::SqliteControlStore>;
using Items = std::vector<store::KeyValue>;

struct MigrateTest : ControlStage {};

const MigrateOrder order{"net", "sqlite:/a", "etcd://b:2379"};

void nobody(std::string_view, std::uint64_t, std::uint64_t) {}

Task<Store> make_store(runtime::Shard& shard) {
  store::SqliteControlStore::Options options;
  options.path = ":memory:";
  auto opened = co_await store::SqliteControlStore::open(shard, options);
  check(opened.has_value(), "a store in memory opens");
  co_return std::move(*opened);
}

Task<Items> items_of(store::ControlStore& store) {
  store::RangeRequest all;
  auto range = co_await store.range(all);
  check(range.has_value(), "the store answers");
  co_return std::move(range->items);
}

std::map<std::string, std::string> values_of(const Items& items) {
  std::map<std::string, std::string> values;
  for (const auto& item : items) values[item.key] = item.value;
  return values;
}

// A store whose calls fail from the n-th on, as when a process is killed there:
// the first that fails may have happened before anybody was told.
class Dying final : public store::ControlStore {
 public:
  struct Fate {
    int calls_left = 0;
    bool last_change_happens = false;
  };
  Dying(store::ControlStore& store, Fate& fate) : store_(store), fate_(fate) {}

  Task<Result<store::Range>> range(store::RangeRequest request) override {
    if (--fate_.calls_left < 0) co_return died();
    auto range = co_await store_.range(std::move(request));
    co_return range;
  }
  Task<Result<std::uint64_t>> commit(store::Transaction transaction) override {
    if (--fate_.calls_left < 0) {
      if (fate_.calls_left == -1 && fate_.last_change_happens) {
        (void)co_await store_.commit(std::move(transaction));
      }
      co_return died();
    }
    auto revision = co_await store_.commit(std::move(transaction));
    co_return revision;
  }
  Task<Status> begin_behind(std::uint64_t revision) override {
    if (--fate_.calls_left < 0) co_return died();
    auto begun = co_await store_.begin_behind(revision);
    co_return begun;
  }
  Task<Result<store::Changes>> watch(store::WatchRequest, Instant) override { co_return died(); }
  Task<Result<std::uint64_t>> grant_lease(Duration) override { co_return died(); }
  Task<Status> keep_alive(std::uint64_t) override { co_return died(); }
  Task<Status> revoke_lease(std::uint64_t) override { co_return died(); }
  Task<void> close() override { co_return; }

 private:
  static Fault died() { return {Code::timed_out, Retry::later, "It died."}; }

  store::ControlStore& store_;
  Fate& fate_;
};

Task<Result<Migrated>> migrate(runtime::Shard& shard, store::ControlStore& source,
                               store::ControlStore& target, MigrateOrder how = order) {
  CO_TRY(auto survey, co_await survey_source(shard, source, how, nobody));
  auto migrated = co_await migrate_store(shard, source, std::move(survey), target, how, nobody);
  co_return migrated;
}

Task<Fault> refusal(runtime::Shard& shard, store::ControlStore& source, store::ControlStore& target,
                    MigrateOrder how = order) {
  const auto migrated = co_await migrate(shard, source, target, std::move(how));
  co_return migrated ? Fault{Code::cancelled, Retry::never, "it moved"} : migrated.error();
}

Task<void> put(store::ControlStore& store, std::string key, std::string value) {
  store::Transaction transaction;
  transaction.puts.push_back({.key = std::move(key), .value = std::move(value), .lease = 0});
  const auto done = co_await store.commit(std::move(transaction));
  check(done.has_value(), "the store takes a change");
}

Task<void> remove(store::ControlStore& store, std::string key) {
  store::Transaction transaction;
  transaction.deletes.push_back(std::move(key));
  const auto done = co_await store.commit(std::move(transaction));
  check(done.has_value(), "the store takes a change");
}

// Resources, keys and an audit log, and more keys than two pages have.
Task<void> live(Stage& stage) {
  co_await apply(stage, small_network);
  const KeyWish wish{"eu", {}, {}};
  const auto key = co_await stage.control->create_key(wish);
  const auto revoked = co_await stage.control->revoke_key(key->id);
  check(revoked.has_value(), "a key is revoked");
  store::Transaction many;
  for (int i = 0; i < 1'100; ++i) {
    many.puts.push_back({.key = zone_key_key("zone-" + std::to_string(i)), .value = "1"});
  }
  many.puts.push_back({.key = zone_key_key("zone-x"), .value = "7"});
  const auto done = co_await stage.store->commit(std::move(many));
  check(done.has_value(), "the store takes a change");
}

Task<Store> copy_of(runtime::Shard& shard, Items items) {
  auto copy = co_await make_store(shard);
  store::Transaction all;
  for (auto& item : items) all.puts.push_back({.key = item.key, .value = item.value, .lease = 0});
  const auto done = co_await copy->commit(std::move(all));
  check(done.has_value(), "the store takes a change");
  co_return copy;
}

Task<Result<std::unique_ptr<Control>>> start(runtime::Shard& shard, store::ControlStore& store) {
  auto control = co_await Control::open(shard, store, options_of("net"));
  co_return control;
}

TEST_F(MigrateTest, WhatIsTornForeignOrEmptyIsNotMoved) {
  play([](Stage& stage) -> Task<void> {
    co_await live(stage);
    const auto items = co_await items_of(*stage.store);
    const auto act = audit_key(2);
    using Harm = std::pair<std::string, std::string>;  // key, and its value; empty: it is gone
    const std::vector<Harm> harms{{act, ""},
                                  {act, values_of(items).at(audit_key(1))},
                                  {"audit-head", values_of(items).at("audit-head") + "0"},
                                  {"audit-head", ""},
                                  {"numbers", ""},
                                  {"numbers", "{"},
                                  {resource_key(world::Kind::zone, "eu-central-1a"), "?"},
                                  {resource_key(world::Kind::region, "eu-central-1"), ""},
                                  {zone_key_key("zone-7"), "no number"}};
    for (const auto& [key, value] : harms) {
      auto torn = co_await copy_of(stage.shard, items);
      if (value.empty()) {
        co_await remove(*torn, key);
      } else {
        co_await put(*torn, key, value);
      }
      const auto survey = co_await survey_source(stage.shard, *torn, order, nobody);
      EXPECT_FALSE(survey) << key << " " << value;
      co_await torn->close();
    }
    const auto other =
        co_await survey_source(stage.shard, *stage.store, {"other", "a", "b"}, nobody);
    EXPECT_EQ(other.error().code, Code::bad_configuration);
    auto empty = co_await make_store(stage.shard);
    const auto nothing = co_await survey_source(stage.shard, *empty, order, nobody);
    EXPECT_EQ(nothing.error().code, Code::resource_not_found);
    co_await empty->close();
  });
}

TEST_F(MigrateTest, ATargetThatIsNotEmptyIsRefusedAndLeftAsItIs) {
  play([](Stage& stage) -> Task<void> {
    co_await live(stage);
    auto target = co_await make_store(stage.shard);
    auto other = co_await start(stage.shard, *target);
    const auto before = co_await items_of(*target);
    const auto fault = co_await refusal(stage.shard, *stage.store, *target);
    EXPECT_EQ(fault.code, Code::resource_conflict);
    EXPECT_NE(fault.message.find("has a store already"), fault.message.npos) << fault.message;
    const auto after = co_await items_of(*target);
    EXPECT_EQ(after, before);
    co_await reopen(stage);
    co_await target->close();
  });
}

TEST_F(MigrateTest, WhatAnotherMoveHasFilledIsNotTakenOver) {
  play([](Stage& stage) -> Task<void> {
    co_await live(stage);
    auto target = co_await make_store(stage.shard);
    const auto foreign = render_mark({MigrationMark::Role::target, "id", "sqlite:/other", "then"});
    co_await put(*target, std::string(migration_key), foreign);
    co_await put(*target, "numbers", "of another");
    const auto fault = co_await refusal(stage.shard, *stage.store, *target);
    EXPECT_EQ(fault.code, Code::resource_conflict);
    EXPECT_NE(fault.message.find("filled from sqlite:/other"), fault.message.npos);
    const auto onward = co_await refusal(stage.shard, *target, *stage.store);
    EXPECT_NE(onward.message.find("is not whole"), onward.message.npos) << onward.message;
    co_await target->close();
  });
}

Task<bool> starts(runtime::Shard& shard, store::ControlStore& store) {
  const auto control = co_await start(shard, store);
  co_return control.has_value();
}

// Both sides of a move that died, or did not: no control starts on both, and the
// target holds what the source did where one starts on it.
Task<void> expect_no_harm(runtime::Shard& shard, const Items& items, store::ControlStore& source,
                          store::ControlStore& target, bool ended) {
  const auto of_source = values_of(co_await items_of(source));
  const auto of_target = values_of(co_await items_of(target));
  const bool source_starts = co_await starts(shard, source);
  EXPECT_EQ(source_starts, !of_source.contains(std::string(migration_key)));
  EXPECT_TRUE(!ended || !source_starts);
  if (of_target.empty()) co_return;  // one that starts there would be another network's
  const bool target_starts = co_await starts(shard, target);
  EXPECT_EQ(target_starts, !of_target.contains(std::string(migration_key)));
  EXPECT_FALSE(source_starts && target_starts);
  if (target_starts) EXPECT_EQ(of_target, values_of(items));
}

// Dies at that call, and is run again. False: it did not come so far.
Task<bool> dies_at(runtime::Shard& shard, const Items& items, Dying::Fate fate) {
  auto source = co_await copy_of(shard, items);
  auto target = co_await make_store(shard);
  Dying dying_source(*source, fate);
  Dying dying_target(*target, fate);
  const auto first = co_await migrate(shard, dying_source, dying_target);
  co_await expect_no_harm(shard, items, *source, *target, first.has_value());
  const bool died = !first.has_value();
  if (died) {
    const auto again = co_await migrate(shard, *source, *target);
    const bool was_done =
        !again && again.error().message.contains("moved to etcd://b:2379 already");
    EXPECT_TRUE(again || was_done) << again.error().message;
    if (again) EXPECT_EQ(again->source_sha256, again->target_sha256);
    co_await expect_no_harm(shard, items, *source, *target, true);
  }
  auto left = values_of(co_await items_of(*source));
  EXPECT_EQ(left.erase(std::string(migration_key)), 1u);
  EXPECT_EQ(left, values_of(items));
  co_await source->close();
  co_await target->close();
  co_return died;
}

TEST_F(MigrateTest, OneThatDiesAnywhereIsTakenUpAndNothingIsLost) {
  play([](Stage& stage) -> Task<void> {
    co_await live(stage);
    const auto items = co_await items_of(*stage.store);
    int calls = 0;
    bool died = true;
    while (died) {
      SCOPED_TRACE(calls);
      died = co_await dies_at(stage.shard, items, {calls, false});
      co_await dies_at(stage.shard, items, {calls, true});
      ++calls;
    }
    EXPECT_GT(calls, 15) << "it died nowhere in particular";
  });
}

TEST_F(MigrateTest, WhatIsChangedMeanwhileStaysInTheSource) {
  play([](Stage& stage) -> Task<void> {
    co_await live(stage);
    auto target = co_await make_store(stage.shard);
    auto survey = co_await survey_source(stage.shard, *stage.store, order, nobody);
    const KeyWish wish{"eu", {}, {}};
    const auto late = co_await stage.control->create_key(wish);
    EXPECT_TRUE(late);
    const auto fault = co_await migrate_store(stage.shard, *stage.store, std::move(*survey),
                                              *target, order, nobody);
    EXPECT_EQ(fault.error().code, Code::resource_conflict);
    EXPECT_NE(fault.error().message.find("meanwhile"), std::string::npos);
    const bool opened = co_await starts(stage.shard, *target);
    EXPECT_FALSE(opened);
    co_await reopen(stage);
    EXPECT_TRUE(stage.control->state().keys.contains(late->id));
    const auto again = co_await migrate(stage.shard, *stage.store, *target);
    EXPECT_TRUE(again) << again.error().message;
    co_await target->close();
  });
}

TEST_F(MigrateTest, AControlThatSleptMeanwhileChangesNothingAnyMore) {
  play([](Stage& stage) -> Task<void> {
    co_await live(stage);
    co_await reopen(stage);
    auto target = co_await make_store(stage.shard);
    const auto migrated = co_await migrate(stage.shard, *stage.store, *target);
    EXPECT_TRUE(migrated) << migrated.error().message;
    for (int tries = 0; tries < 2; ++tries) {
      const KeyWish wish{"eu", {}, {}};
      const auto key = co_await stage.control->create_key(wish);
      EXPECT_FALSE(key);
    }
    const KeyWish wish{"eu", {}, {}};
    const auto told = co_await stage.control->create_key(wish);
    EXPECT_NE(told.error().message.find("moved to etcd://b:2379"), std::string::npos)
        << told.error().message;
    co_await target->close();
  });
}

TEST_F(MigrateTest, WhatAProcessHeldByALeaseStaysBehind) {
  play([](Stage& stage) -> Task<void> {
    co_await live(stage);
    const auto lease = co_await stage.store->grant_lease(Duration::seconds(600));
    store::Transaction held;
    held.puts.push_back({.key = "rollout-driver", .value = "", .lease = *lease});
    held.puts.push_back({.key = "told/a/000", .value = "", .lease = *lease});
    const auto put = co_await stage.store->commit(std::move(held));
    EXPECT_TRUE(put);
    stage.control.reset();
    auto there = co_await make_store(stage.shard);
    const auto moved = co_await migrate(stage.shard, *stage.store, *there);
    EXPECT_TRUE(moved);
    const auto items = co_await items_of(*there);
    EXPECT_EQ(std::ranges::find(items, "rollout-driver", &store::KeyValue::key), items.end());
    EXPECT_EQ(std::ranges::find(items, "told/a/000", &store::KeyValue::key), items.end());
    std::swap(stage.store, there);
    co_await reopen(stage);
    co_await there->close();
  });
}

TEST_F(MigrateTest, ThereAndBackEverythingIsAsItWasAndNumbersGoOn) {
  play([](Stage& stage) -> Task<void> {
    co_await live(stage);
    co_await reopen(stage);
    const auto before = stage.control->state();
    const auto items = co_await items_of(*stage.store);
    stage.control.reset();
    auto there = co_await make_store(stage.shard);
    auto back = co_await make_store(stage.shard);
    const auto first = co_await migrate(stage.shard, *stage.store, *there);
    EXPECT_TRUE(first) << first.error().message;
    const MigrateOrder return_order{"net", "etcd://b:2379", "sqlite:/c"};
    const auto second = co_await migrate(stage.shard, *there, *back, return_order);
    EXPECT_TRUE(second) << second.error().message;
    EXPECT_EQ(first->source_sha256, second->target_sha256);
    const auto returned = co_await items_of(*back);
    EXPECT_EQ(values_of(returned), values_of(items));
    std::swap(stage.store, back);
    co_await reopen(stage);
    const auto& after = stage.control->state();
    EXPECT_EQ(after.numbers, before.numbers);
    EXPECT_EQ(after.keys, before.keys);
    EXPECT_EQ(after.audit.head, before.audit.head);
    std::uint64_t newest = 0;
    for (const auto& [name, version] : before.resource_versions) newest = std::max(newest, version);
    for (const auto& [name, version] : after.resource_versions) EXPECT_GT(version, newest);
    const auto made = co_await apply(
        stage,
        "apiVersion: portolan/v1\nkind: Scope\nmetadata: {name: new}\nspec: {include: [eu]}\n");
    EXPECT_FALSE(made.results.empty());
    EXPECT_EQ(stage.control->state().numbers.world, before.numbers.world + 1);
    co_await there->close();
    co_await back->close();
  });
}

}  // namespace
}  // namespace portolan::control

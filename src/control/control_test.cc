#include "control/control.h"

#include "control/control_stage_test_support.h"
#include "runtime/gate.h"
#include "runtime/wait.h"
#include "world/codec.h"

namespace portolan::control {
namespace {

using namespace testing;

struct ControlTest : ControlStage {};

Task<Result<Applied>> try_apply(Stage& stage, std::string text) {
  ApplyRequest request;
  request.source = "net.yaml";
  request.text = std::move(text);
  auto applied = co_await stage.control->apply(std::move(request));
  co_return applied;
}

std::string scope_at(std::uint64_t version, std::string_view include) {
  return "apiVersion: portolan/v1\nkind: Scope\nmetadata: {name: eu, resourceVersion: " +
         std::to_string(version) + "}\nspec: {include: [" + std::string(include) + "]}\n";
}

TEST_F(ControlTest, WhatIsNotValidChangesNothingAndSaysWhere) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const auto numbers = stage.control->state().numbers;
    const auto applied = co_await apply(stage,
                                        "apiVersion: portolan/v1\nkind: Zone\n"
                                        "metadata: {name: z}\nspec: {region: nowhere}\n");
    EXPECT_EQ(applied.problems.size(), 1u);
    EXPECT_EQ(applied.problems.at(0).file, "net.yaml");
    EXPECT_EQ(applied.problems.at(0).place.line, 4);
    EXPECT_EQ(stage.control->state().numbers, numbers);
  });
}

TEST_F(ControlTest, ALostUpdateIsRefusedNamingBothVersions) {
  play([](Stage& stage) -> Task<void> {
    const auto first = co_await apply(stage, small_network);
    const auto read_at = first.results.at(2).version;
    const auto changed = co_await apply(stage, scope_at(read_at, "eu-central-1"));
    const auto now_at = changed.results.at(0).version;
    const auto lost = co_await try_apply(stage, scope_at(read_at, "eu-central-1a"));
    EXPECT_EQ(lost.error().code, Code::resource_conflict);
    EXPECT_NE(lost.error().message.find(std::to_string(read_at)), std::string::npos);
    EXPECT_NE(lost.error().message.find(std::to_string(now_at)), std::string::npos);
  });
}

Task<void> nap(Stage& stage) {
  const auto slept = co_await runtime::sleep_for(stage.shard, Duration::seconds(1));
  EXPECT_TRUE(slept);
}

Task<void> make_key_beside(Control& control, int& made) {
  KeyWish wish{.workspace = "eu", .scopes = {}, .expires = std::nullopt};
  const auto key = co_await control.create_key(wish);
  if (key) ++made;
}

TEST_F(ControlTest, WhatAnotherControlCommitsIsSeenAndNotUndone) {
  play([](Stage& stage) -> Task<void> {
    auto opened = co_await Control::open(stage.shard, *stage.store, options_of("net"));
    Control& other = **opened;
    runtime::Gate beside(stage.shard, 4);
    EXPECT_TRUE(beside.start(stage.control->follow()));
    EXPECT_TRUE(beside.start(other.follow()));
    co_await apply(stage, small_network);
    co_await nap(stage);
    EXPECT_EQ(other.state().numbers, stage.control->state().numbers);
    const auto generation = co_await other.rotate_zone_key("eu-central-1a");
    EXPECT_TRUE(generation);
    co_await nap(stage);
    EXPECT_EQ(stage.control->state().zone_key_generations, other.state().zone_key_generations);
    // At once, from one state: the slower one decides again from the newest.
    int made = 0;
    EXPECT_TRUE(beside.start(make_key_beside(*stage.control, made)));
    EXPECT_TRUE(beside.start(make_key_beside(other, made)));
    co_await nap(stage);
    EXPECT_EQ(made, 2);
    EXPECT_EQ(stage.control->state().keys.size(), 2u);
    EXPECT_EQ(other.state().keys.size(), 2u);
    EXPECT_EQ(other.state().numbers, stage.control->state().numbers);
    co_await beside.close();
  });
}

TEST_F(ControlTest, OfTwoAdminKeysMadeAtOnceOneIsRefusedAndTheOtherKnown) {
  play([](Stage& stage) -> Task<void> {
    auto opened = co_await Control::open(stage.shard, *stage.store, options_of("net"));
    Control& other = **opened;
    const auto first = co_await stage.control->set_admin_key("pta_first");
    const auto second = co_await other.set_admin_key("pta_second");
    EXPECT_TRUE(first);
    EXPECT_EQ(second.error().code, Code::resource_conflict);
    EXPECT_TRUE(other.is_admin("pta_first"));
    EXPECT_FALSE(other.is_admin("pta_second"));
  });
}

TEST_F(ControlTest, WhoCatchesUpKnowsWhatWasCommittedBefore) {
  play([](Stage& stage) -> Task<void> {
    auto opened = co_await Control::open(stage.shard, *stage.store, options_of("net"));
    Control& other = **opened;
    runtime::Gate beside(stage.shard, 2);
    const auto alone = co_await other.catch_up();
    EXPECT_TRUE(alone);
    EXPECT_TRUE(beside.start(other.follow()));
    for (int tries = 0; tries < 20; ++tries) {
      co_await apply(stage, tries == 0
                                ? small_network
                                : "apiVersion: portolan/v1\nkind: Scope\nmetadata: {name: s-" +
                                      std::to_string(tries) + "}\nspec: {include: [eu]}\n");
      const auto caught_up = co_await other.catch_up();
      EXPECT_TRUE(caught_up) << caught_up.error().message;
      EXPECT_EQ(other.state().numbers, stage.control->state().numbers);
    }
    co_await beside.close();
  });
}

Task<void> apply_beside(Stage& stage, std::string text, int& done, int& refused) {
  const auto applied = co_await try_apply(stage, std::move(text));
  ++(applied ? done : refused);
}

TEST_F(ControlTest, OfTwoChangesFromOneVersionOneIsRefused) {
  play([](Stage& stage) -> Task<void> {
    const auto first = co_await apply(stage, small_network);
    const auto read_at = first.results.at(2).version;
    int done = 0;
    int refused = 0;
    runtime::Gate both(stage.shard, 2);
    both.start(apply_beside(stage, scope_at(read_at, "eu-central-1"), done, refused));
    both.start(apply_beside(stage, scope_at(read_at, "eu-central-1a"), done, refused));
    co_await both.drain();
    EXPECT_EQ(done, 1);
    EXPECT_EQ(refused, 1);
  });
}

TEST_F(ControlTest, WhatIsReferredToIsNotDeleted) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const auto region = co_await stage.control->remove({{world::Kind::region, "eu-central-1"}, {}});
    EXPECT_FALSE(region->problems.empty());
    const auto workspace = co_await stage.control->remove({{world::Kind::workspace, "eu"}, {}});
    EXPECT_EQ(workspace.error().code, Code::invalid_parameter);
    const auto none = co_await stage.control->remove({{world::Kind::zone, "none"}, {}});
    EXPECT_EQ(none.error().code, Code::resource_not_found);
    EXPECT_EQ(stage.control->state().resource_versions.size(), 5u);
  });
}

TEST_F(ControlTest, AFullDiskRefusesTheChangeAndKeepsWorking) {
  play(
      [](Stage& stage) -> Task<void> {
        co_await apply(stage, small_network);
        const auto numbers = stage.control->state().numbers;
        std::string text =
            "apiVersion: portolan/v1\nkind: Scope\nmetadata: {name: wide}\n"
            "spec: {include: [\"*\"]}\n";
        for (int i = 0; i < 2'000; ++i) {
          text += "---\nkind: Scope\nmetadata: {name: wide-" + std::to_string(i) +
                  "}\nspec: {include: [\"*\"]}\n";
        }
        const auto refused = co_await try_apply(stage, text);
        EXPECT_EQ(refused.error().code, Code::disk_full);
        EXPECT_EQ(stage.control->state().numbers, numbers);
        const auto small = co_await try_apply(stage, scope_at(1'000, "eu"));
        EXPECT_EQ(small.error().code, Code::resource_conflict);
        const auto key = co_await stage.control->create_key({"eu", {}, {}});
        EXPECT_TRUE(key);
        EXPECT_EQ(stage.control->state().numbers.world, numbers.world);
      },
      192 * 1024);
}

TEST_F(ControlTest, AKeyForAnUnknownWorkspaceOrScopeOrAPastDateIsRefused) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    KeyWish no_workspace{"eux", {}, {}};
    KeyWish no_scope{"eu", {"us"}, {}};
    KeyWish past{"eu", {}, WallTime::from_unix_seconds(1'000)};
    const auto first = co_await stage.control->create_key(no_workspace);
    const auto second = co_await stage.control->create_key(no_scope);
    const auto third = co_await stage.control->create_key(past);
    EXPECT_NE(first.error().message.find("Did you mean 'eu'?"), std::string::npos);
    EXPECT_EQ(second.error().code, Code::invalid_parameter);
    EXPECT_EQ(third.error().code, Code::invalid_parameter);
    KeyWish twice{"eu", {"eu", "eu"}, {}};
    const auto fourth = co_await stage.control->create_key(twice);
    EXPECT_FALSE(fourth);
    EXPECT_TRUE(stage.control->state().keys.empty());
  });
}

TEST_F(ControlTest, AKeyExpiresAtAWholeSecondToCome) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const WallTime now = stage.shard.wall_now();
    const auto second = WallTime::from_unix_seconds(now.unix_seconds() + 100);
    KeyWish later{"eu", {}, second + Duration::milliseconds(250)};
    const auto key = co_await stage.control->create_key(later);
    EXPECT_EQ(stage.control->state().keys.at(key->id).expires, second);
    const auto this_second = WallTime::from_unix_seconds(now.unix_seconds());
    KeyWish gone{"eu", {}, this_second + Duration::milliseconds(999)};
    const auto refused = co_await stage.control->create_key(gone);
    EXPECT_FALSE(refused) << "it would have expired in the same second";
  });
}

TEST_F(ControlTest, AnUnknownPlaceIsNotDrained) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    RestrictionWish typo{RestrictionWish::Kind::drain, "eu-central-1b", false};
    const auto refused = co_await stage.control->restrict(typo);
    EXPECT_EQ(refused.error().code, Code::invalid_parameter);
    RestrictionWish right{RestrictionWish::Kind::drain, "eu-central-1a", false};
    const Actor sure{.reason = "it is the only one", .break_glass = true};
    const auto drained = co_await stage.control->restrict(right, sure);
    EXPECT_TRUE(drained);
    EXPECT_TRUE(stage.control->state().restrictions.drained.contains("eu-central-1a"));
    right.lift = true;
    const auto lifted = co_await stage.control->restrict(right);
    EXPECT_TRUE(lifted);
    EXPECT_TRUE(stage.control->state().restrictions.drained.empty());
    EXPECT_EQ(stage.control->state().numbers.restrictions, 3u);
  });
}

TEST_F(ControlTest, OnlyTheNetworkMakesAWorldAndOnlyCustomersAKeyring) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const auto first = stage.control->state().numbers;
    EXPECT_EQ(first.world, 1u);
    EXPECT_EQ(first.keyring, 2u);
    const auto again = co_await apply(stage, small_network);
    EXPECT_EQ(again.results.at(0).action, Applied::Action::unchanged);
    EXPECT_EQ(stage.control->state().numbers, first);
    co_await apply(stage, "apiVersion: portolan/v1\nkind: Org\nmetadata: {name: other}\n");
    EXPECT_EQ(stage.control->state().numbers.world, 1u);
    EXPECT_EQ(stage.control->state().numbers.keyring, 3u);
    co_await apply(stage,
                   "apiVersion: portolan/v1\nkind: Scope\nmetadata: {name: all}\n"
                   "spec: {include: [\"*\"]}\n");
    EXPECT_EQ(stage.control->state().numbers.world, 2u);
    EXPECT_EQ(stage.control->state().numbers.keyring, 3u);
  });
}

TEST_F(ControlTest, ARestartKeepsNumbersKeysAndVersions) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const auto key = co_await stage.control->create_key({"eu", {"eu"}, {}});
    const auto other = co_await stage.control->create_key({"eu", {}, {}});
    const auto revoked = co_await stage.control->revoke_key(other->id);
    EXPECT_TRUE(revoked);
    const auto before = stage.control->state();
    const auto world = *stage.control->documents().world;
    co_await reopen(stage);
    const auto& after = stage.control->state();
    EXPECT_EQ(after.numbers, before.numbers);
    EXPECT_EQ(after.revision, before.revision);
    EXPECT_EQ(after.keys, before.keys);
    EXPECT_EQ(*after.contents, *before.contents);
    EXPECT_EQ(after.resource_versions, before.resource_versions);
    EXPECT_EQ(after.restrictions, before.restrictions);
    EXPECT_EQ(after.deltas.size(), before.deltas.size());
    EXPECT_EQ(*stage.control->documents().world, world);
    EXPECT_TRUE(after.keys.at(other->id).revoked);
    EXPECT_FALSE(after.keys.at(key->id).revoked);
  });
}

TEST_F(ControlTest, ARaisedEpochIsNewerThanEverythingBefore) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const auto before = stage.control->state().numbers;
    const auto held = poll_holding_all(*stage.control);
    co_await reopen(stage, 7);
    const auto& after = stage.control->state().numbers;
    EXPECT_EQ(after.epoch, 7u);
    EXPECT_EQ(after.world, before.world);
    EXPECT_TRUE(stage.control->state().deltas.empty());
    const auto answer = co_await stage.control->poll(held);
    EXPECT_EQ(answer->documents.size(), 3u);
    co_await reopen(stage);
    EXPECT_EQ(stage.control->state().numbers.epoch, 7u);
  });
}

TEST_F(ControlTest, AnotherNetworksStoreIsRefused) {
  play([](Stage& stage) -> Task<void> {
    stage.control.reset();
    const auto opened = co_await Control::open(stage.shard, *stage.store, options_of("other"));
    EXPECT_EQ(opened.error().code, Code::bad_configuration);
  });
}

}  // namespace
}  // namespace portolan::control

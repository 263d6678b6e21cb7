#include "control/audit.h"

#include "control/control_stage_test_support.h"
#include "runtime/gate.h"

namespace portolan::control {
namespace {

using namespace testing;

struct AuditTest : ControlStage {};

const Actor somebody{.admin = "0123456789ab", .request = "ctl-1", .reason = "because"};

// The whole log, each entry held against the one before.
Task<std::vector<wire::Json>> read_whole_log(Stage& stage) {
  const auto page = co_await stage.control->read_audit(1, audit_page_entries_max.value);
  check(page.has_value(), "the log is read");
  seal::ChainCheck chain;
  std::vector<wire::Json> entries;
  for (const auto& text : page->entries) {
    const auto added = chain.add(text);
    EXPECT_TRUE(added) << added.error().message;
    entries.push_back(*wire::parse_json(text));
  }
  EXPECT_EQ(chain.head(), page->head);
  co_return entries;
}

std::string text_of(const wire::Json& entry, std::string_view member) {
  const auto* found = entry.find(member);
  return found && found->as_string() ? *found->as_string() : "";
}

Task<Result<Applied>> try_apply(Stage& stage, std::string text, bool dry_run = false) {
  ApplyRequest request;
  request.text = std::move(text);
  request.dry_run = dry_run;
  auto applied = co_await stage.control->apply(std::move(request), somebody);
  co_return applied;
}

TEST_F(AuditTest, WhatChangesNothingLeavesNoEntry) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const auto before = co_await read_whole_log(stage);
    const std::string other = "apiVersion: portolan/v1\nkind: Org\nmetadata: {name: other}\n";
    const auto dry = co_await try_apply(stage, other, true);
    const auto same = co_await try_apply(stage, small_network);
    const auto wrong = co_await try_apply(stage, "kind: Nothing\n");
    EXPECT_TRUE(dry && same && wrong);
    const auto no_key = co_await stage.control->revoke_key("nobody", somebody);
    const RestrictionWish nowhere{RestrictionWish::Kind::drain, "nowhere", false};
    const auto no_place = co_await stage.control->restrict(nowhere, somebody);
    EXPECT_FALSE(no_key || no_place);
    const auto after = co_await read_whole_log(stage);
    EXPECT_EQ(after, before);
  });
}

TEST_F(AuditTest, AChangeThatTheDiskRefusesLeavesNoEntryAndTheNextOneFollows) {
  play(
      [](Stage& stage) -> Task<void> {
        co_await apply(stage, small_network);
        const auto before = co_await read_whole_log(stage);
        std::string text = "apiVersion: portolan/v1\nkind: Org\nmetadata: {name: o}\n";
        for (int i = 0; i < 3'000; ++i) {
          text += "---\nkind: Org\nmetadata: {name: org-" + std::to_string(i) + "}\n";
        }
        const auto refused = co_await try_apply(stage, text);
        EXPECT_EQ(refused.error().code, Code::disk_full);
        const auto after = co_await read_whole_log(stage);
        EXPECT_EQ(after, before);
        const KeyWish wish{"eu", {}, {}};
        const auto key = co_await stage.control->create_key(wish, somebody);
        EXPECT_TRUE(key);
        const auto then = co_await read_whole_log(stage);
        EXPECT_EQ(then.size(), before.size() + 1);
      },
      192 * 1024);
}

TEST_F(AuditTest, OfTwoControlsAtOnceOneIsRefusedAndTheChainStaysSingle) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    auto other = co_await Control::open(stage.shard, *stage.store, options_of("net"));
    const auto first = co_await stage.control->rotate_zone_key("eu-central-1a", somebody);
    // A rotation changes no number: only the log's end tells of it.
    const auto late = co_await (*other)->rotate_zone_key("eu-central-1a", somebody);
    EXPECT_TRUE(first);
    EXPECT_EQ(late.error().code, Code::resource_conflict);
    const auto again = co_await (*other)->rotate_zone_key("eu-central-1a", somebody);
    EXPECT_EQ(*again, 2u);
    const auto log = co_await read_whole_log(stage);
    EXPECT_EQ(text_of(log.back(), "act"), "rotate-zone-key");
    EXPECT_EQ(text_of(log.at(log.size() - 2), "act"), "rotate-zone-key");
    EXPECT_EQ(text_of(log.at(log.size() - 3), "act"), "apply");
  });
}

TEST_F(AuditTest, ARestartGoesOnWithTheSameChain) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    co_await reopen(stage);
    co_await reopen(stage, 9);
    const KeyWish wish{"eu", {}, {}};
    const auto key = co_await stage.control->create_key(wish, somebody);
    EXPECT_TRUE(key);
    const auto log = co_await read_whole_log(stage);
    std::vector<std::string> acts;
    for (const auto& entry : log) acts.push_back(text_of(entry, "act"));
    EXPECT_EQ(acts, (std::vector<std::string>{"start", "apply", "raise-epoch", "create-key"}));
    EXPECT_EQ(log.back().find("epoch")->as_uint64(), 9u);
  });
}

TEST_F(AuditTest, EveryActSaysWhoWhatAndWhereItLed) {
  play([](Stage& stage) -> Task<void> {
    const auto made = co_await stage.control->set_admin_key("pta_secret");
    EXPECT_TRUE(made);
    const auto applied = co_await try_apply(stage, small_network);
    const KeyWish wish{"eu", {}, {}};
    const auto key = co_await stage.control->create_key(wish, somebody);
    const auto revoked = co_await stage.control->revoke_key(key->id, somebody);
    RestrictionWish deny{RestrictionWish::Kind::deny, "eu-central-1a", false};
    Actor sure = somebody;
    sure.break_glass = true;
    const auto denied = co_await stage.control->restrict(deny, sure);
    deny.lift = true;
    const auto lifted = co_await stage.control->restrict(deny, somebody);
    const auto rotated = co_await stage.control->rotate_zone_key("eu-central-1a", somebody);
    EXPECT_TRUE(applied && revoked && denied && lifted && rotated);
    const auto log = co_await read_whole_log(stage);
    EXPECT_EQ(log.size(), 8u);
    const auto things = [&](std::size_t i) {
      return wire::render_canonical(*log.at(i).find("things"));
    };
    EXPECT_EQ(text_of(*log.at(1).find("by"), "program"), "control");
    EXPECT_EQ(text_of(*log.at(2).find("by"), "admin"), "0123456789ab");
    EXPECT_EQ(text_of(log.at(2), "reason"), "because");
    EXPECT_EQ(log.at(2).find("things_total")->as_uint64(), 5u);
    EXPECT_EQ(log.at(2).find("world")->as_uint64(), 1u);
    EXPECT_EQ(things(4), R"([{"done":"revoked","kind":"Key","name":")" + key->id + "\"}]");
    EXPECT_EQ(log.at(4).find("keyring")->as_uint64(), stage.control->state().numbers.keyring);
    EXPECT_EQ(log.at(5).find("things_total")->as_uint64(), 3u);
    EXPECT_TRUE(things(5).starts_with(R"([{"done":"set","kind":"Deny","name":"eu-central-1a"},)"));
    EXPECT_TRUE(things(5).find(R"("kind":"Guard")") != std::string::npos);
    EXPECT_EQ(things(6), R"([{"done":"lifted","kind":"Deny","name":"eu-central-1a"}])");
    for (const auto& entry : log) {
      const auto text = wire::render_canonical(entry);
      EXPECT_EQ(text.find("pta_secret"), text.npos);
      EXPECT_EQ(text.find(key->text), text.npos);
    }
  });
}

TEST(Audit, AnEntryNamesABoundedNumberOfThingsAndCountsAll) {
  AuditFacts facts;
  for (std::uint64_t i = 0; i < 10 * audit_things_max.value; ++i) {
    facts.things.push_back({"Zone", "z-" + std::to_string(i), "created"});
  }
  const auto json = audit_json(facts);
  EXPECT_EQ(json.find("things")->as_array()->size(), audit_things_max.count());
  EXPECT_EQ(json.find("things_total")->as_uint64(), 10 * audit_things_max.value);
}

}  // namespace
}  // namespace portolan::control

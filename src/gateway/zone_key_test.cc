#include "gateway/zone_key.h"

#include <gtest/gtest.h>

#include "runtime/wait.h"
#include "seal/receipt_verdict.h"
#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

namespace portolan::gateway {
namespace {

constexpr std::string_view file = "data/zone-key.json";

seal::SigningKey key_of(unsigned char fill) {
  seal::KeySeed seed;
  seed.fill(fill);
  return seal::SigningKey(seed);
}

// One gateway of zone eu-central-1a, its root and its control.
struct Stage {
  runtime::Shard& shard;
  Options options;
  seal::SigningKey root = key_of(1);
  seal::SigningKey control = key_of(2);

  explicit Stage(runtime::Shard& on) : shard(on) {
    options.network = "net";
    options.id = "eu-central-1a-1";
    options.zone = "eu-central-1a";
    options.data = "data";
    options.root = root.verify_key();
    check(shard.disk().make_folder(options.data).has_value(), "a folder");
  }
  seal::Subject subject(seal::Role role, std::string name, const seal::VerifyKey& key) const {
    return {.network = "net",
            .role = role,
            .name = std::move(name),
            .key = key,
            .not_before = shard.wall_now() - Duration::hours(1),
            .not_after = shard.wall_now() + Duration::hours(48)};
  }
  // What control answers to that key, for that zone.
  world::PollAnswer certify(const world::ZoneKeySaid& said, const std::string& zone) const {
    const auto key = seal::VerifyKey::from_base64url(said.key);
    world::PollAnswer answer;
    answer.zone_key_generation = said.generation;
    answer.zone_chain = {
        seal::render_certificate(seal::issue_certificate(
            subject(seal::Role::control, "control", control.verify_key()), root)),
        seal::render_certificate(
            seal::issue_certificate(subject(seal::Role::zone, zone, *key), control))};
    return answer;
  }
};

using Story = runtime::Task<void> (*)(Stage& stage);

void play(Story story) {
  virtual_time::Universe universe(1);
  Stage stage(universe.add_machine("gateway"));
  EXPECT_TRUE(universe.run(story(stage), Duration::hours(100)));
}

seal::ReceiptFacts facts_at(const Stage& stage) {
  seal::ReceiptFacts facts;
  facts.network = "net";
  facts.executor_zone = "eu-central-1a";
  facts.ended = stage.shard.wall_now();
  return facts;
}

void expect_believed(const Stage& stage, const ZoneKey& key) {
  const auto receipt = key.sign(facts_at(stage));
  ASSERT_TRUE(receipt);
  const auto verdict = seal::verify_receipt(*receipt, stage.options.root);
  EXPECT_FALSE(verdict.flaw) << verdict.flaw->sentence;
}

TEST(ZoneKey, SignsNothingThatNobodyWouldBelieve) {
  play([](Stage& stage) -> runtime::Task<void> {
    ZoneKey key(stage.shard, stage.options);
    EXPECT_TRUE(key.load());
    EXPECT_EQ(key.can_sign().error().code, Code::receipt_unavailable);
    EXPECT_EQ(key.sign(facts_at(stage)).error().retry, Retry::elsewhere);
    EXPECT_EQ(key.said().issuer, "");
    co_return;
  });
}

TEST(ZoneKey, TakesNoCertificateOfAnotherZoneKeyOrRoot) {
  play([](Stage& stage) -> runtime::Task<void> {
    ZoneKey key(stage.shard, stage.options);
    EXPECT_TRUE(key.load());
    auto answer = stage.certify(key.said(), "eu-central-1b");
    const Status other_zone = co_await key.take(answer);
    EXPECT_EQ(other_zone.error().code, Code::bad_signature);
    auto other = key.said();
    other.key = key_of(9).verify_key().base64url();
    answer = stage.certify(other, "eu-central-1a");
    const Status other_key = co_await key.take(answer);
    EXPECT_EQ(other_key.error().code, Code::bad_signature);
    answer = stage.certify(key.said(), "eu-central-1a");
    answer.zone_chain.erase(answer.zone_chain.begin());
    const Status no_control = co_await key.take(answer);
    EXPECT_FALSE(no_control);
    stage.root = key_of(8);
    answer = stage.certify(key.said(), "eu-central-1a");
    const Status other_root = co_await key.take(answer);
    EXPECT_EQ(other_root.error().code, Code::bad_signature);
    EXPECT_FALSE(key.can_sign());
  });
}

TEST(ZoneKey, ReplacesAFileThatIsRotten) {
  play([](Stage& stage) -> runtime::Task<void> {
    EXPECT_TRUE(stage.shard.disk().replace(std::string(file), "{\"keys\":[", true));
    ZoneKey key(stage.shard, stage.options);
    EXPECT_TRUE(key.load());
    ZoneKey again(stage.shard, stage.options);
    EXPECT_TRUE(again.load());
    EXPECT_EQ(again.said(), key.said());
    co_return;
  });
}

TEST(ZoneKey, SignsOnByTheOldKeyUntilTheNewOneIsCertified) {
  play([](Stage& stage) -> runtime::Task<void> {
    ZoneKey key(stage.shard, stage.options);
    EXPECT_TRUE(key.load());
    auto answer = stage.certify(key.said(), "eu-central-1a");
    const Status taken_1 = co_await key.take(answer);
    EXPECT_TRUE(taken_1);
    const auto before = key.said();
    world::PollAnswer rotate;
    rotate.zone_key_generation = 3;
    const Status taken_2 = co_await key.take(rotate);
    EXPECT_TRUE(taken_2);
    EXPECT_EQ(key.said().generation, 3U);
    EXPECT_EQ(key.said().issuer, "");
    EXPECT_NE(key.said().key, before.key);
    expect_believed(stage, key);
    rotate.zone_key_generation = 4;  // before the third was certified
    const Status taken_3 = co_await key.take(rotate);
    EXPECT_TRUE(taken_3);
    expect_believed(stage, key);
    answer = stage.certify(key.said(), "eu-central-1a");
    const Status taken_4 = co_await key.take(answer);
    EXPECT_TRUE(taken_4);
    expect_believed(stage, key);
    EXPECT_EQ(key.said().issuer, stage.control.verify_key().id());
  });
}

TEST(ZoneKey, SignsAfterARestartAndNotBehindItsCertificate) {
  play([](Stage& stage) -> runtime::Task<void> {
    ZoneKey key(stage.shard, stage.options);
    EXPECT_TRUE(key.load());
    auto answer = stage.certify(key.said(), "eu-central-1a");
    const Status taken_5 = co_await key.take(answer);
    EXPECT_TRUE(taken_5);
    ZoneKey again(stage.shard, stage.options);
    EXPECT_TRUE(again.load());
    EXPECT_EQ(again.said(), key.said());
    expect_believed(stage, again);
    const Status taken_6 = co_await runtime::sleep_for(stage.shard, Duration::hours(49));
    EXPECT_TRUE(taken_6);
    EXPECT_EQ(again.can_sign().error().code, Code::receipt_unavailable);
  });
}

}  // namespace
}  // namespace portolan::gateway

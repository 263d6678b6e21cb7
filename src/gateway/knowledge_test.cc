#include "gateway/knowledge.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "virtual/universe.h"
#include "virtual/virtual_shard.h"
#include "world/codec.h"
#include "world/keyring_snapshot.h"

namespace portolan::gateway {
namespace {

using seal::DocumentKind;

using Ids = std::unordered_set<std::string>;

seal::SigningKey key_of(unsigned char byte) {
  seal::KeySeed seed{};
  seed.fill(byte);
  return seal::SigningKey(seed);
}

// A gateway's machine on which one Knowledge after the other is loaded.
class KnowledgeOnDisk : public testing::Test {
 protected:
  KnowledgeOnDisk() {
    options_.network = "net";
    options_.zone = "a1";
    options_.data = "/data";
    options_.root = root_.verify_key();
    start();
  }

  void start() {
    knowledge_.emplace(machine_, *world::LastGood::open(machine_.disk(), "/data"), options_);
    constexpr auto load = [](Knowledge& knowledge) -> runtime::Task<void> {
      co_await knowledge.load();
    };
    EXPECT_TRUE(universe_.run(load(*knowledge_), Duration::hours(1)));
  }

  std::string sealed(DocumentKind kind, std::uint64_t number, std::string_view payload,
                     std::uint64_t epoch = 1) const {
    seal::Subject subject;
    subject.network = "net";
    subject.name = "control-1";
    subject.key = control_.verify_key();
    subject.not_before = WallTime::from_unix_seconds(0);
    subject.not_after = WallTime::from_unix_seconds(4'000'000'000);
    const seal::Signer signer{control_, seal::issue_certificate(subject, root_)};
    return seal::seal_document(kind, {"net", epoch, number}, payload, signer);
  }

  static model::KeyRecord key(std::string id) {
    model::KeyRecord made;
    made.id = std::move(id);
    made.workspace = "eu";
    return made;
  }

  std::string snapshot(std::uint64_t number, bool compact = false) const {
    model::Keyring::Content content;
    content.orgs = {{"demo"}};
    model::Workspace workspace;
    workspace.name = "eu";
    workspace.org = "demo";
    content.workspaces = {workspace};
    content.keys = {key("k0")};
    return sealed(
        DocumentKind::keyring, number,
        compact ? *world::encode_keyring_snapshot(content) : world::encode_keyring(content));
  }

  std::string delta(std::uint64_t number) const {
    return delta_of(number, key("k" + std::to_string(number)));
  }
  std::string delta_of(std::uint64_t number, model::KeyRecord changed) const {
    const model::KeyringDelta made{{"net", 1, number}, {}, {}, {std::move(changed)}};
    return sealed(DocumentKind::keyring_delta, number, world::encode_keyring_delta(made));
  }

  Status take_one(DocumentKind kind, std::string bytes) {
    constexpr auto take = [](Knowledge& knowledge, DocumentKind of, std::string all,
                             Status& into) -> runtime::Task<void> {
      into = co_await knowledge.take(of, std::move(all));
    };
    Status taken;
    EXPECT_TRUE(
        universe_.run(take(*knowledge_, kind, std::move(bytes), taken), Duration::hours(1)));
    return taken;
  }
  Status take_keyring(std::string bytes) {
    return take_one(DocumentKind::keyring, std::move(bytes));
  }

  // Control's Restrictions with these revoked keys.
  std::string restrictions(std::uint64_t number, const Ids& revoked,
                           std::uint64_t epoch = 1) const {
    const model::Restrictions made{{"net", epoch, number}, revoked, {}, {}};
    return sealed(DocumentKind::restrictions, number, world::encode_restrictions(made), epoch);
  }
  Status take_restrictions(std::uint64_t number, const Ids& revoked, std::uint64_t epoch = 1) {
    return take_one(DocumentKind::restrictions, restrictions(number, revoked, epoch));
  }
  const Ids& revoked() const { return knowledge_->view().restrictions->revoked_keys; }
  void take_snapshot(bool compact = false) {
    EXPECT_TRUE(take_keyring(snapshot(10, compact)).has_value());
  }

  Knowledge::DeltasTaken take(std::vector<std::string> deltas) {
    constexpr auto take_all = [](Knowledge& knowledge, std::vector<std::string> all,
                                 Knowledge::DeltasTaken& into) -> runtime::Task<void> {
      into = co_await knowledge.take_deltas(std::move(all));
    };
    Knowledge::DeltasTaken taken;
    EXPECT_TRUE(universe_.run(take_all(*knowledge_, std::move(deltas), taken), Duration::hours(1)));
    return taken;
  }

  std::uint64_t held() const { return knowledge_->view().keyring->version().number; }

  seal::SigningKey root_ = key_of(1);
  seal::SigningKey control_ = key_of(2);
  virtual_time::Universe universe_{1};
  virtual_time::VirtualShard& machine_ = universe_.add_machine("a");
  Options options_;
  std::optional<Knowledge> knowledge_;
};

TEST_F(KnowledgeOnDisk, DeltasBeforeAnyKeyringAreRefused) {
  const auto taken = take({delta(11), delta(12)});
  EXPECT_EQ(taken.count, 0u);
  ASSERT_FALSE(taken.refused.has_value());
  EXPECT_EQ(taken.refused.error().code, Code::stale_version);
}

TEST_F(KnowledgeOnDisk, DeltasBehindAGapAreRefusedAndThoseBeforeItTaken) {
  take_snapshot();
  const auto taken = take({delta(11), delta(12), delta(14), delta(15)});
  EXPECT_EQ(taken.count, 2u);
  ASSERT_FALSE(taken.refused.has_value());
  EXPECT_EQ(taken.refused.error().code, Code::stale_version);
  EXPECT_EQ(held(), 12u);
  start();
  EXPECT_EQ(held(), 12u);
}

TEST_F(KnowledgeOnDisk, AForgedDeltaIsRefusedAndThoseBeforeItTaken) {
  take_snapshot();
  auto forged = delta(12);
  forged.back() = ' ';
  const auto taken = take({delta(11), forged, delta(13)});
  EXPECT_EQ(taken.count, 1u);
  EXPECT_FALSE(taken.refused.has_value());
  EXPECT_EQ(held(), 11u);
}

TEST_F(KnowledgeOnDisk, AllDeltasAreTakenAtOnceAndSurviveARestart) {
  take_snapshot();
  std::vector<std::string> deltas;
  for (std::uint64_t number = 11; number <= 60; ++number) deltas.push_back(delta(number));
  const auto taken = take(std::move(deltas));
  EXPECT_EQ(taken.count, 50u);
  EXPECT_TRUE(taken.refused.has_value());
  EXPECT_EQ(held(), 60u);
  start();
  EXPECT_EQ(held(), 60u);
  EXPECT_EQ(knowledge_->view().keyring->keys().size(), 51u);
  EXPECT_EQ(knowledge_->held(DocumentKind::keyring)->version.number, 60u);
}

TEST_F(KnowledgeOnDisk, ASnapshotInFewBytesIsTakenAsItsJsonIsAndSurvivesARestart) {
  take_snapshot(true);
  EXPECT_EQ(take({delta(11), delta(12)}).count, 2u);
  start();
  EXPECT_EQ(held(), 12u);
  EXPECT_EQ(knowledge_->view().keyring->keys().size(), 3u);
  EXPECT_FALSE(take_keyring(snapshot(11, true)).has_value()) << "it is older";
  EXPECT_TRUE(take_keyring(snapshot(12)).error().code == Code::stale_version) << "it shrinks";
}

TEST_F(KnowledgeOnDisk, ASnapshotThatIsDamagedOrNotSignedIsRefused) {
  auto damaged = snapshot(10, true);
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  EXPECT_EQ(take_keyring(damaged).error().code, Code::bad_signature);
  const auto cut = sealed(DocumentKind::keyring, 10, "portolan-keyring 1.0\n");
  EXPECT_EQ(take_keyring(cut).error().code, Code::malformed_peer);
  EXPECT_EQ(knowledge_->view().keyring, nullptr);
}

TEST_F(KnowledgeOnDisk, ARevokedKeyStaysSoUntilTheKeyringHasItsTombstone) {
  take_snapshot();
  ASSERT_TRUE(take_restrictions(5, {"k0"}));
  for (std::uint64_t number = 6; number < 9; ++number) {
    ASSERT_TRUE(take_restrictions(number, {}));
    EXPECT_EQ(revoked(), Ids{"k0"}) << "its Keyring has that key live";
    start();
    EXPECT_EQ(revoked(), Ids{"k0"}) << "after a restart";
  }
  auto tombstone = key("k0");
  tombstone.revoked = true;
  ASSERT_TRUE(take_one(DocumentKind::keyring_delta, delta_of(11, tombstone)));
  ASSERT_TRUE(take_restrictions(9, {"other"}));
  EXPECT_EQ(revoked(), Ids{"other"});
  start();
  EXPECT_EQ(revoked(), Ids{"other"});
}

TEST_F(KnowledgeOnDisk, WhatIsKeptIsNoPartOfWhatControlIsToldOf) {
  take_snapshot();
  ASSERT_TRUE(take_restrictions(5, {"k0"}));
  ASSERT_TRUE(take_restrictions(6, {}));
  const auto claim = seal::claim_of(restrictions(6, {}));
  const world::Seen sent{claim->version, claim->hash};
  EXPECT_EQ(knowledge_->held(DocumentKind::restrictions), sent);
  EXPECT_TRUE(take_restrictions(6, {})) << "the same once more";
  start();
  EXPECT_EQ(knowledge_->held(DocumentKind::restrictions), sent);
  EXPECT_EQ(knowledge_->view().restrictions->version, sent.version);
}

TEST_F(KnowledgeOnDisk, AHigherEpochIsTakenWithWhatIsKeptAndLiftsNothing) {
  take_snapshot();
  ASSERT_TRUE(take_restrictions(5, {"k0", "k1"}));
  ASSERT_TRUE(take_restrictions(6, {"k1"}));
  EXPECT_EQ(take_restrictions(7, {}, 2).error().code, Code::stale_version);
  ASSERT_TRUE(take_restrictions(7, {"k1"}, 2)) << "control itself has lifted k0 before";
  EXPECT_EQ(revoked(), (Ids{"k0", "k1"}));
}

TEST_F(KnowledgeOnDisk, NoDiskThatFailsBringsARevokedKeyBack) {
  take_snapshot();
  ASSERT_TRUE(take_restrictions(5, {"k0"}));
  std::size_t refused = 0;
  for (std::uint64_t number = 6; number < 60; ++number) {
    universe_.faults().disk_failed = 0.3;
    if (!take_restrictions(number, number % 3 == 0 ? Ids{"k0"} : Ids{})) ++refused;
    universe_.faults().disk_failed = 0;
    ASSERT_TRUE(revoked().contains("k0")) << number;
    start();
    ASSERT_TRUE(revoked().contains("k0")) << number;
  }
  EXPECT_GT(refused, 0u) << "the disk never failed";
}

TEST_F(KnowledgeOnDisk, WhatIsHeldIsOnTheDiskHoweverItFails) {
  constexpr std::uint64_t last = 60;
  take_snapshot();
  std::size_t cut_short = 0;
  for (int tries = 0; held() < last; ++tries) {
    ASSERT_LT(tries, 200);
    const std::uint64_t before = held();
    std::vector<std::string> deltas;
    for (std::uint64_t number = before + 1; number <= last; ++number) {
      deltas.push_back(delta(number));
    }
    universe_.faults().disk_failed = 0.1;
    const auto taken = take(std::move(deltas));
    universe_.faults().disk_failed = 0;
    ASSERT_EQ(held(), before + taken.count);
    if (!taken.refused) ++cut_short;
    const std::uint64_t reached = held();
    start();
    ASSERT_GE(held(), reached);
    ASSERT_EQ(knowledge_->view().keyring->keys().size(), held() - 10 + 1);
  }
  EXPECT_GT(cut_short, 0u) << "the disk never failed";
}

}  // namespace
}  // namespace portolan::gateway

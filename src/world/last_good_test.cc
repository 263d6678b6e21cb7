#include "world/last_good.h"

#include <gtest/gtest.h>

#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

namespace portolan::world {
namespace {

using seal::DocumentKind;

constexpr WallTime now = WallTime::from_unix_seconds(1'800'000'000);

seal::SigningKey key_of(unsigned char fill) {
  seal::KeySeed seed;
  seed.fill(fill);
  return seal::SigningKey(seed);
}

class LastGoodOnDisk : public testing::Test {
 protected:
  // A fresh start of the gateway on the same disk.
  LastGood::Loaded start() {
    last_good_.emplace(*LastGood::open(disk_, "/state"));
    return last_good_->load(root_.verify_key(), now);
  }
  Status save(DocumentKind kind, std::uint64_t number, std::string payload, std::uint64_t epoch = 1,
              std::string network = "demo",
              LastGood::Before before = LastGood::Before::may_permit_more) {
    auto subject = control_;
    subject.network = network;
    const seal::Signer signer{key_of(2), seal::issue_certificate(subject, root_)};
    const auto sealed = seal::seal_document(kind, {network, epoch, number}, payload, signer);
    const auto opened = seal::open_document(sealed, kind, root_.verify_key(), now);
    EXPECT_TRUE(opened);
    return last_good_->save(*opened, sealed, before);
  }
  Status save_wider(std::uint64_t number, std::string payload) {
    return save(DocumentKind::world, number, std::move(payload), 1, "demo",
                LastGood::Before::permits_no_more);
  }
  void spoil(const std::string& path) {
    auto& bytes = disk_.files().at(path);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  }

  virtual_time::Universe universe_{1};
  virtual_time::VirtualDisk& disk_ = universe_.add_machine("gateway").disk();
  seal::SigningKey root_ = key_of(1);
  seal::Subject control_{.network = "demo",
                         .role = seal::Role::control,
                         .name = "control-1",
                         .key = key_of(2).verify_key(),
                         .not_before = now - Duration::hours(1),
                         .not_after = now + Duration::hours(48)};
  std::optional<LastGood> last_good_;
};

TEST_F(LastGoodOnDisk, OneRottenFileCostsNothing) {
  start();
  ASSERT_TRUE(save(DocumentKind::world, 7, "seven"));
  for (const auto* rotten : {"/state/world.1", "/state/world.2"}) {
    const auto whole = disk_.files().at(rotten);
    spoil(rotten);
    const auto loaded = start();
    ASSERT_TRUE(loaded.world) << rotten;
    EXPECT_EQ(loaded.world->payload, "seven");
    ASSERT_EQ(loaded.faults.size(), 1u);
    EXPECT_NE(loaded.faults[0].message.find(rotten), std::string::npos);
    disk_.files()[rotten] = whole;
  }
}

TEST_F(LastGoodOnDisk, TwoRottenFilesAreAClearFault) {
  start();
  ASSERT_TRUE(save(DocumentKind::restrictions, 7, "seven"));
  spoil("/state/restrictions.1");
  spoil("/state/restrictions.2");
  const auto loaded = start();
  EXPECT_FALSE(loaded.restrictions);
  ASSERT_EQ(loaded.faults.size(), 3u);
  EXPECT_NE(loaded.faults[2].message.find("waits for control"), std::string::npos);
}

TEST_F(LastGoodOnDisk, NeverGoesBackBehindWhatWasSeen) {
  start();
  ASSERT_TRUE(save(DocumentKind::restrictions, 6, "six"));
  const auto before = disk_.files().at("/state/restrictions.2");
  ASSERT_TRUE(save(DocumentKind::restrictions, 7, "seven"));
  disk_.files()["/state/restrictions.1"] = before;
  disk_.files()["/state/restrictions.2"] = before;
  const auto loaded = start();
  EXPECT_FALSE(loaded.restrictions);
  ASSERT_EQ(loaded.faults.size(), 1u);
  EXPECT_EQ(loaded.faults[0].code, Code::stale_version);
  EXPECT_FALSE(save(DocumentKind::restrictions, 6, "six"));
  EXPECT_TRUE(save(DocumentKind::restrictions, 7, "seven"));
}

TEST_F(LastGoodOnDisk, RefusesWhatIsOlderOrOfAnotherNetwork) {
  start();
  ASSERT_TRUE(save(DocumentKind::world, 7, "seven"));
  EXPECT_EQ(save(DocumentKind::world, 6, "six").error().code, Code::stale_version);
  EXPECT_EQ(save(DocumentKind::world, 7, "other").error().code, Code::stale_version);
  EXPECT_EQ(save(DocumentKind::world, 8, "eight", 1, "other").error().code, Code::untrusted_peer);
  EXPECT_EQ(start().world->payload, "seven");
}

TEST_F(LastGoodOnDisk, AKeyringMayComeInEitherFormUnderOneNumber) {
  const std::string snapshot = "portolan-keyring 1.0\n";
  start();
  ASSERT_TRUE(save(DocumentKind::keyring, 7, "json"));
  EXPECT_TRUE(save(DocumentKind::keyring, 7, snapshot));
  EXPECT_TRUE(save(DocumentKind::keyring, 7, "json"));
  EXPECT_FALSE(save(DocumentKind::keyring, 7, "other")) << "of one form it may not differ";
  EXPECT_FALSE(save(DocumentKind::keyring, 6, snapshot)) << "it is older";
  EXPECT_EQ(start().keyring->payload, "json");
}

TEST_F(LastGoodOnDisk, AnotherRootsDocumentsAreNotTaken) {
  start();
  ASSERT_TRUE(save(DocumentKind::world, 7, "seven"));
  auto last_good = *LastGood::open(disk_, "/state");
  const auto loaded = last_good.load(key_of(9).verify_key(), now);
  EXPECT_FALSE(loaded.world);
  EXPECT_EQ(loaded.faults.size(), 3u);
}

TEST_F(LastGoodOnDisk, RottenVersionsAreReadFromTheDocuments) {
  start();
  ASSERT_TRUE(save(DocumentKind::world, 7, "seven"));
  disk_.files()["/state/seen.json"] = "{\"world\":";
  const auto loaded = start();
  EXPECT_TRUE(loaded.world);
  EXPECT_EQ(loaded.faults.size(), 1u);
  EXPECT_FALSE(save(DocumentKind::world, 6, "six"));
}

TEST_F(LastGoodOnDisk, AFullDiskChangesNothing) {
  start();
  ASSERT_TRUE(save(DocumentKind::world, 7, "seven"));
  universe_.faults().disk_failed = 1;
  EXPECT_FALSE(save(DocumentKind::world, 8, "eight"));
  EXPECT_EQ(last_good_->highest(DocumentKind::world)->version.number, 7u);
  universe_.faults().disk_failed = 0;
  EXPECT_EQ(start().world->payload, "seven");
  EXPECT_TRUE(save(DocumentKind::world, 8, "eight"));
}

TEST_F(LastGoodOnDisk, AfterAnyFailedWriteThereIsAWholeWorld) {
  universe_.faults().disk_failed = 0.3;
  for (std::uint64_t number = 1; number <= 200; ++number) {
    if (!last_good_) start();
    const auto before = last_good_->highest(DocumentKind::world);
    const bool saved = save(DocumentKind::world, number, std::to_string(number)).has_value();
    const auto loaded = start();
    if (!before && !loaded.world) continue;
    ASSERT_TRUE(loaded.world) << number;
    EXPECT_GE(loaded.world->version.number, saved ? number : before ? before->version.number : 0);
  }
}

TEST_F(LastGoodOnDisk, AnOlderWorldIsNotServedWhereTheNewestForbids) {
  start();
  ASSERT_TRUE(save(DocumentKind::world, 7, "seven"));
  ASSERT_TRUE(save(DocumentKind::world, 8, "eight forbids"));
  ASSERT_TRUE(save_wider(9, "nine"));
  spoil("/state/world.1");
  spoil("/state/world.2");
  EXPECT_EQ(start().world->payload, "eight forbids");
  spoil("/state/world-before-1");
  const auto loaded = start();
  EXPECT_FALSE(loaded.world) << "seven permits what eight forbids";
  EXPECT_EQ(last_good_->highest(DocumentKind::world)->version.number, 9u);
  EXPECT_FALSE(save(DocumentKind::world, 8, "eight forbids"));
}

TEST_F(LastGoodOnDisk, WithoutWhatWasSeenNoOlderWorldIsServed) {
  start();
  ASSERT_TRUE(save(DocumentKind::world, 7, "seven"));
  ASSERT_TRUE(save_wider(8, "eight"));
  spoil("/state/world.1");
  spoil("/state/world.2");
  disk_.files()["/state/seen.json"] = "{\"world\":";
  EXPECT_FALSE(start().world);
}

TEST_F(LastGoodOnDisk, ThreeWorldsAreKeptAndTheNewestWholeOneIsServed) {
  start();
  for (std::uint64_t number = 5; number <= 9; ++number) {
    ASSERT_TRUE(save_wider(number, std::to_string(number)));
  }
  spoil("/state/world.1");
  spoil("/state/world.2");
  const auto loaded = start();
  ASSERT_TRUE(loaded.world);
  EXPECT_EQ(loaded.world->payload, "8");
  ASSERT_EQ(loaded.faults.size(), 4u);
  EXPECT_NE(loaded.faults[3].message.find("World 1.8 before it"), std::string::npos);
  spoil("/state/world-before-1");
  EXPECT_EQ(start().world->payload, "7");
  // Control sends the newest one again, or the next; the older ones stay where they are.
  EXPECT_FALSE(save(DocumentKind::world, 8, "8"));
  ASSERT_TRUE(save(DocumentKind::world, 9, "9"));
  EXPECT_EQ(start().world->payload, "9");
}

TEST_F(LastGoodOnDisk, DeltasComeBackBehindTheirKeyring) {
  start();
  EXPECT_FALSE(save(DocumentKind::keyring_delta, 1, "delta 1"));
  ASSERT_TRUE(save(DocumentKind::keyring, 5, "five"));
  ASSERT_TRUE(save(DocumentKind::keyring_delta, 6, "delta 6"));
  EXPECT_FALSE(save(DocumentKind::keyring_delta, 8, "delta 8"));
  ASSERT_TRUE(save(DocumentKind::keyring_delta, 7, "delta 7"));
  const auto loaded = start();
  ASSERT_TRUE(loaded.keyring);
  EXPECT_TRUE(loaded.faults.empty());
  ASSERT_EQ(loaded.keyring_deltas.size(), 2u);
  EXPECT_EQ(loaded.keyring_deltas[1].payload, "delta 7");
  EXPECT_EQ(last_good_->highest(DocumentKind::keyring)->version.number, 7u);
}

TEST_F(LastGoodOnDisk, ALostDeltaBringsNoRevokedKeyBack) {
  start();
  ASSERT_TRUE(save(DocumentKind::keyring, 5, "five"));
  ASSERT_TRUE(save(DocumentKind::keyring_delta, 6, "revokes"));
  disk_.files().erase("/state/keyring-delta-6.1");
  EXPECT_EQ(start().keyring_deltas.size(), 1u);
  spoil("/state/keyring-delta-6.2");
  const auto loaded = start();
  EXPECT_FALSE(loaded.keyring);
  EXPECT_EQ(loaded.faults.back().code, Code::stale_version);
}

TEST_F(LastGoodOnDisk, BehindManyDeltasASnapshotHasToCome) {
  constexpr std::size_t deltas_max = 3;
  last_good_.emplace(*LastGood::open(disk_, "/state", deltas_max));
  (void)last_good_->load(root_.verify_key(), now);
  ASSERT_TRUE(save(DocumentKind::keyring, 5, "five"));
  for (std::uint64_t number = 6; number <= 8; ++number) {
    ASSERT_TRUE(save(DocumentKind::keyring_delta, number, "delta"));
  }
  const auto refused = save(DocumentKind::keyring_delta, 9, "delta");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::limit_exceeded);
  last_good_.emplace(*LastGood::open(disk_, "/state", deltas_max));
  EXPECT_EQ(last_good_->load(root_.verify_key(), now).keyring_deltas.size(), deltas_max);
  EXPECT_FALSE(save(DocumentKind::keyring_delta, 9, "delta")) << "a restart changes nothing";
  ASSERT_TRUE(save(DocumentKind::keyring, 9, "nine"));
  EXPECT_TRUE(save(DocumentKind::keyring_delta, 10, "delta"));
}

TEST_F(LastGoodOnDisk, ASnapshotEndsItsDeltas) {
  start();
  ASSERT_TRUE(save(DocumentKind::keyring, 5, "five"));
  ASSERT_TRUE(save(DocumentKind::keyring_delta, 6, "delta 6"));
  ASSERT_TRUE(save(DocumentKind::keyring, 6, "six"));
  const auto loaded = start();
  EXPECT_EQ(loaded.keyring->payload, "six");
  EXPECT_TRUE(loaded.keyring_deltas.empty());
  EXPECT_FALSE(disk_.files().contains("/state/keyring-delta-6.1"));
}

TEST_F(LastGoodOnDisk, AFirstStartHasNothingAndNoFault) {
  const auto loaded = start();
  EXPECT_FALSE(loaded.world || loaded.keyring || loaded.restrictions);
  EXPECT_TRUE(loaded.faults.empty());
}

}  // namespace
}  // namespace portolan::world

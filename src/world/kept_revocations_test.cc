#include "world/kept_revocations.h"

#include <gtest/gtest.h>

#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

namespace portolan::world {
namespace {

using Ids = KeptRevocations::Ids;

class KeptRevocationsOnDisk : public testing::Test {
 protected:
  // What a gateway that starts finds.
  Ids loaded(std::size_t faults = 0) {
    KeptRevocations kept(machine_.disk(), "/kept");
    EXPECT_EQ(kept.load().size(), faults);
    return kept.ids();
  }

  virtual_time::Universe universe_{1};
  virtual_time::VirtualShard& machine_ = universe_.add_machine("a");
};

TEST_F(KeptRevocationsOnDisk, NoneAreThereAtFirst) { EXPECT_EQ(loaded(), Ids{}); }

TEST_F(KeptRevocationsOnDisk, AFileThatIsRottenIsToldOfAndTheOtherOneRead) {
  KeptRevocations kept(machine_.disk(), "/kept");
  ASSERT_TRUE(kept.keep({"k1", "k2"}));
  EXPECT_EQ(loaded(), (Ids{"k1", "k2"}));
  for (const auto* path : {"/kept.1", "/kept.2"}) {
    const auto whole = *machine_.disk().read(path, 1'000);
    ASSERT_TRUE(machine_.disk().replace(path, "{\"revoked_", false));
    EXPECT_EQ(loaded(1), (Ids{"k1", "k2"}));
    ASSERT_TRUE(machine_.disk().replace(path, whole, false));
  }
}

TEST_F(KeptRevocationsOnDisk, WhereTheDiskFailsNoneThatWasKeptIsLost) {
  KeptRevocations kept(machine_.disk(), "/kept");
  ASSERT_TRUE(kept.keep({"k1"}));
  universe_.faults().disk_failed = 0.5;
  int failed = 0;
  for (int round = 0; round < 50; ++round) {
    const Status done = kept.keep(round % 2 == 0 ? Ids{"k1", "k2"} : Ids{"k1"});
    if (!done) ++failed;
    universe_.faults().disk_failed = 0;
    const auto found = loaded();
    for (const auto& id : kept.ids()) ASSERT_TRUE(found.contains(id)) << round;
    universe_.faults().disk_failed = 0.5;
  }
  EXPECT_GT(failed, 0) << "the disk never failed";
}

}  // namespace
}  // namespace portolan::world

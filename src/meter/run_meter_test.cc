#include "meter/run_meter.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "meter/meter_test_support.h"

namespace portolan::meter {
namespace {

using namespace testing;
namespace fs = std::filesystem;

struct RunMeterTest : ::testing::Test {
  std::string folder = [] {
    std::string name = "/tmp/portolan-meter-XXXXXX";
    check(mkdtemp(name.data()) != nullptr, "no folder for a test");
    return name;
  }();
  ~RunMeterTest() override { fs::remove_all(folder); }
};

TEST_F(RunMeterTest, ADamagedLedgerEndsTheStart) {
  std::ofstream(folder + "/ledger.db") << std::string(10'000, 'x');
  Stage stage(folder + "/ledger.db");
  auto start = [](Stage& at) -> Task<void> {
    runtime::Event stop(at.meter);
    auto fail_when_told = [](const runtime::Address&) { ADD_FAILURE() << "it serves"; };
    const Status ended = co_await run_meter(at.meter, at.options, fail_when_told, stop);
    EXPECT_EQ(ended.error().code, Code::store_failed);
  };
  EXPECT_TRUE(stage.universe.run(start(stage), Duration::hours(1)));
}

TEST_F(RunMeterTest, TheNextStartCountsNothingTwiceAndForgetsNoGap) {
  {
    Stage stage(folder + "/ledger.db");
    play(stage, [](Stage& at) -> Task<void> {
      co_await post(at, Post().add(1, start_of({})).add(2, close_of("gw-1-1-1")));
      co_await post(at, Post().add(4, close_of("gw-1-1-3")));
    });
  }
  Stage stage(folder + "/ledger.db");
  play(stage, [](Stage& at) -> Task<void> {
    const auto again = co_await post(at, Post().add(1, start_of({})).add(2, close_of("gw-1-1-1")));
    EXPECT_EQ(*wire::parse_usage_taken(again.body), (wire::UsageTaken{1, 2, 4, {{1, 3, 3}}}));
    EXPECT_NE(at.universe.trace().find("the ledger has 2 requests of 1 gateways; 1 records "
                                       "missing in 1 gaps, 0 conflicts"),
              std::string::npos)
        << at.universe.trace();
    const auto filled = co_await post(at, Post().add(3, close_of("gw-1-1-2")));
    EXPECT_EQ(*wire::parse_usage_taken(filled.body), (wire::UsageTaken{1, 4, 4, {}}));
    const auto usage = co_await get(at, "/meter/v1/usage");
    EXPECT_EQ(requests_in(usage), 3u);
  });
}

}  // namespace
}  // namespace portolan::meter

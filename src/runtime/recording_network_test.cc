#ifdef PORTOLAN_TEST_SEAMS

#include "runtime/recording_network.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/runtime_test_support.h"
#include "runtime/tls_test_support.h"

namespace portolan::runtime {
namespace {

using namespace testing;

std::string read_all_files(const std::filesystem::path& folder) {
  std::stringstream text;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    text << std::ifstream(entry.path()).rdbuf();
  }
  return text.str();
}

// What a process records that says "asked" to itself over TLS and then "answered"
// back; the asking end is cancelled once before.
Task<void> talk_over_tls(EpollShard& shard) {
  const TestAuthority authority;
  auto made = shard.network().make_credentials(authority.issue("spiffe://n/x", true));
  check(made.has_value(), "no credentials");
  const std::shared_ptr<const Credentials> credentials = std::move(*made);
  auto pair = co_await connect_pair(shard, credentials);
  EXPECT_EQ(pair.server->peer_identity(), "spiffe://n/x");
  const Instant soon = shard.now() + Duration::milliseconds(1);
  auto reading = read_text(shard, *pair.client, 8);
  const auto cancelled = co_await until(shard, soon, std::move(reading));
  EXPECT_TRUE(cancelled.starts_with('!')) << cancelled;
  auto written = co_await write_text(shard, *pair.client, "asked\n");
  EXPECT_TRUE(written.has_value());
  const auto asked = co_await read_text(shard, *pair.server, 100);
  EXPECT_EQ(asked, "asked\n");
  written = co_await write_text(shard, *pair.server, "answered");
  EXPECT_TRUE(written.has_value());
  const auto answered = co_await read_text(shard, *pair.client, 3);
  EXPECT_EQ(answered, "ans");
}

TEST(RecordingNetwork, RecordsInClearWhatWasReadAndWhere) {
  const std::filesystem::path folder = ::testing::TempDir() + "/recording-network";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  EpollShard shard;
  shard.record_received(folder.string());
  shard.run(talk_over_tls(shard));
  const std::string recorded = read_all_files(folder);
  EXPECT_TRUE(recorded.starts_with("accepted 1 127.0.0.1:")) << recorded;
  EXPECT_NE(recorded.find(" 6\nasked\n\nconnected 2 127.0.0.1:"), std::string::npos) << recorded;
  EXPECT_TRUE(recorded.ends_with(" 3\nans\n")) << recorded;
}

}  // namespace
}  // namespace portolan::runtime

#endif

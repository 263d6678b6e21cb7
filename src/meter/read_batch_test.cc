#include "meter/read_batch.h"

#include "meter/meter_test_support.h"

namespace portolan::meter {
namespace {

using namespace testing;

Result<store::LedgerBatch> read(const Post& post, const Identity& peer = gateway_1) {
  return read_batch(post.bytes, peer, virtual_time::first_day);
}

Code code_of(const Result<store::LedgerBatch>& batch) {
  EXPECT_FALSE(batch);
  return batch ? Code::cancelled : batch.error().code;
}

TEST(ReadBatch, RefusesWhatDoesNotBeginWithTheSegmentsHead) {
  EXPECT_EQ(code_of(read_batch("", gateway_1, {})), Code::malformed_peer);
  EXPECT_EQ(code_of(read_batch(std::string(4096, '\0'), gateway_1, {})), Code::malformed_peer);
  EXPECT_EQ(
      code_of(read_batch("no record at all, but long enough to be one's header", gateway_1, {})),
      Code::malformed_peer);
  std::string bytes;
  wire::render_usage_record(bytes, close_of("gw-1-1-1"), 1);
  EXPECT_EQ(code_of(read_batch(bytes, gateway_1, {})), Code::malformed_peer);
}

TEST(ReadBatch, RefusesTheRecordsOfAnotherGatewayNetworkOrZone) {
  const Identity other{"net", Identity::Kind::gateway, "fra-a", "gw-2"};
  const Identity elsewhere{"other", Identity::Kind::gateway, "fra-a", "gw-1"};
  const Identity neighbour{"net", Identity::Kind::gateway, "fra-b", "gw-1"};
  Post post;
  post.add(1, close_of("gw-1-1-1"));
  EXPECT_EQ(code_of(read(post, other)), Code::untrusted_peer);
  EXPECT_EQ(code_of(read(post, elsewhere)), Code::untrusted_peer);
  EXPECT_EQ(code_of(read(post, neighbour)), Code::untrusted_peer);
}

TEST(ReadBatch, RefusesRequestsThatEnteredElsewhere) {
  EXPECT_EQ(code_of(read(Post().add(1, close_of("gw-2-1-1")))), Code::untrusted_peer);
  EXPECT_EQ(code_of(read(Post().add(1, close_of("gw-11-1-1")))), Code::untrusted_peer);
  EXPECT_EQ(code_of(read(Post().add(1, exec_of("gw-2-1-1", "fra-b")))), Code::untrusted_peer);
  EXPECT_TRUE(read(Post().add(1, exec_of("gw-2-1-1"))));
}

TEST(ReadBatch, RefusesNumbersThatDoNotAscend) {
  EXPECT_EQ(code_of(read(Post().add(2, close_of("gw-1-1-1")).add(2, close_of("gw-1-1-2")))),
            Code::malformed_peer);
  EXPECT_EQ(code_of(read(Post().add(2, close_of("gw-1-1-1")).add(1, close_of("gw-1-1-2")))),
            Code::malformed_peer);
}

TEST(ReadBatch, RefusesNumbersThatNoGatewayReaches) {
  const auto beyond = store::ledger_number_max.value + 1;
  EXPECT_EQ(code_of(read(Post().add(beyond, close_of("gw-1-1-1")))), Code::malformed_peer);
  EXPECT_EQ(code_of(read(Post(gateway_1, beyond))), Code::malformed_peer);
  EXPECT_EQ(code_of(read(Post(gateway_1, 0))), Code::malformed_peer);
  EXPECT_EQ(code_of(read(Post(gateway_1, 2).add(1, start_of({{1, beyond}})))),
            Code::malformed_peer);
  EXPECT_EQ(code_of(read(Post(gateway_1, 2).add(1, start_of({{2, 7}})))), Code::malformed_peer);
}

TEST(ReadBatch, RefusesRecordsThatStayInTheLog) {
  EXPECT_EQ(code_of(read(Post().add(0, wire::UsageOpen{close_of("gw-1-1-1").request}))),
            Code::malformed_peer);
  EXPECT_EQ(code_of(read(Post().add(0, segment_of(gateway_1, 1)))), Code::malformed_peer);
}

// Whatever a disk or a wire does to a post, nothing but what was written is taken.
TEST(ReadBatch, NoDamagedByteAndNoCutPasses) {
  Post post;
  post.add(1, start_of({})).add(2, close_of("gw-1-1-1")).add(3, exec_of("gw-1-1-1"));
  const auto whole = read(post);
  ASSERT_TRUE(whole) << whole.error().message;
  for (std::size_t i = 0; i < post.bytes.size(); ++i) {
    Post damaged = post;
    damaged.bytes[i] = static_cast<char>(damaged.bytes[i] ^ 0x20);
    const auto batch = read(damaged);
    EXPECT_FALSE(batch) << "byte " << i;
  }
  for (std::size_t i = 0; i < post.bytes.size(); ++i) {
    const auto batch = read_batch(post.bytes.substr(0, i), gateway_1, {});
    if (batch) EXPECT_LT(batch->entries.size(), 3u) << "cut at " << i;
  }
}

TEST(ReadBatch, TakesRecordsAsTheyStand) {
  Post post(gateway_1, 7);
  post.add(4, start_of({{3, 9}})).add(9, close_of("gw-1-7-1"));
  const auto batch = read(post);
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_EQ(batch->gateway, "gw-1");
  EXPECT_EQ(batch->zone, "fra-a");
  EXPECT_EQ(batch->epoch, 7u);
  ASSERT_EQ(batch->entries.size(), 2u);
  EXPECT_EQ(batch->entries[0].body, wire::UsageBody(start_of({{3, 9}})));
  EXPECT_EQ(batch->entries[1].number, 9u);
  EXPECT_EQ(batch->entries[1].body, wire::UsageBody(close_of("gw-1-7-1")));
  EXPECT_NE(batch->entries[0].digest, batch->entries[1].digest);
  EXPECT_TRUE(post.bytes.ends_with(batch->entries[1].bytes));
}

}  // namespace
}  // namespace portolan::meter

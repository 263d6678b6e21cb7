#include "store/etcd_messages.h"

#include <gtest/gtest.h>

namespace portolan::store {
namespace {

// As etcd 3.6.5 answers.
wire::Json json(std::string_view text) {
  auto read = wire::parse_json(text, Code::malformed_peer);
  check(read.has_value(), "a test's sample is JSON");
  return *read;
}

Code code_of(std::string_view error) { return read_error(json(error)).code; }

TEST(EtcdMessages, AnErrorIsEtcdsWordOrTheMembersTrouble) {
  EXPECT_EQ(
      code_of(R"({"code":11,"message":"etcdserver: mvcc: required revision has been compacted"})"),
      Code::stale_version);
  EXPECT_EQ(
      code_of(
          R"({"code":11,"message":"etcdserver: mvcc: required revision is a future revision"})"),
      Code::invalid_parameter);
  EXPECT_EQ(code_of(R"({"code":5,"message":"etcdserver: requested lease not found"})"),
            Code::resource_not_found);
  EXPECT_EQ(code_of(R"({"code":3,"message":"etcdserver: request is too large"})"),
            Code::limit_exceeded);
  EXPECT_EQ(code_of(R"({"code":8,"message":"etcdserver: mvcc: database space exceeded"})"),
            Code::store_failed);
  EXPECT_EQ(code_of(R"({"error":{"code":14,"message":"etcdserver: no leader"}})"),
            Code::unreachable);
  EXPECT_EQ(
      code_of(R"({"error":{"grpc_code":14,"http_code":503,"message":"etcdserver: no leader"}})"),
      Code::unreachable);
}

TEST(EtcdMessages, AWriteThatMayHaveHappenedIsNeverSaidToHaveFailed) {
  for (
      const char* error : {
          R"({"code":14,"message":"etcdserver: request timed out"})",
          R"({"code":14,"message":"etcdserver: request timed out, possibly due to connection lost"})",
          R"({"code":4,"message":"context deadline exceeded"})",
          R"({"code":1,"message":"context canceled"})",
          R"({"code":13,"message":"something"})",
          R"({"error":"etcdserver: server stopped","code":14,"message":"etcdserver: server stopped"})",
          R"({})",
      }) {
    EXPECT_EQ(code_of(error), Code::timed_out) << error;
  }
}

TEST(EtcdMessages, WhatIsNoAnswerIsRefused) {
  EXPECT_FALSE(read_range(json("{}")));
  EXPECT_FALSE(read_range(json(R"({"header":{"revision":"x"}})")));
  EXPECT_FALSE(read_range(json(R"({"header":{"revision":"-1"}})")));
  EXPECT_FALSE(read_range(json(R"({"header":{"revision":"2"},"kvs":[{"key":"!"}]})")));
  EXPECT_FALSE(read_txn(json(R"({"header":{"revision":"2"},"responses":[{"response_put":{}}]})")));
  EXPECT_FALSE(read_watch(json(R"({"neither":1})")));
  EXPECT_FALSE(read_watch(json(R"({"result":{"header":{"revision":"2"},"events":[{}]}})")));
}

TEST(EtcdMessages, ARangeIsReadWithWhatIsLeftOut) {
  const auto range = read_range(json(
      R"({"header":{"cluster_id":"324952591200643719","revision":"18446744073709551615"},"more":true,
          "kvs":[{"key":"YQ==","create_revision":"2","mod_revision":"3","value":"MQ=="},
                 {"key":"Yg==","create_revision":"4","mod_revision":"4"}],"count":"9"})"));
  ASSERT_TRUE(range) << range.error().message;
  EXPECT_EQ(range->revision, 18446744073709551615u);
  EXPECT_TRUE(range->more);
  EXPECT_EQ(range->items, (std::vector<KeyValue>{{"a", "1", 2, 3}, {"b", "", 4, 4}}));
}

TEST(EtcdMessages, ALostCompareShowsWhatIsThere) {
  const auto txn = read_txn(json(
      R"({"header":{"revision":"9"},"responses":[
          {"response_range":{"header":{"revision":"9"},"kvs":[{"key":"YQ==","mod_revision":"7"}]}},
          {"response_range":{"header":{"revision":"9"}}}]})"));
  ASSERT_TRUE(txn);
  EXPECT_FALSE(txn->succeeded);
  ASSERT_EQ(txn->compared.size(), 2u);
  EXPECT_EQ(txn->compared[0]->mod_revision, 7u);
  EXPECT_FALSE(txn->compared[1]);
}

TEST(EtcdMessages, AWatchTellsOfDeletionAndCompaction) {
  const auto news = read_watch(json(
      R"({"result":{"header":{"revision":"5"},"events":[
          {"kv":{"key":"YQ==","create_revision":"2","mod_revision":"3","value":"Mg=="}},
          {"type":"DELETE","kv":{"key":"YQ==","mod_revision":"5"}}]}})"));
  ASSERT_TRUE(news);
  EXPECT_EQ(news->changes, (std::vector<Change>{{"a", "2", 3}, {"a", std::nullopt, 5}}));
  const auto end =
      read_watch(json(R"({"result":{"header":{},"canceled":true,"compact_revision":"3"}})"));
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->canceled);
  EXPECT_EQ(end->compacted, 3u);
}

// Operations of each level, the widest first, as etcd counts them.
std::size_t depth_cost(const wire::Json& operations) {
  std::size_t below = 0;
  for (const auto& operation : *operations.as_array()) {
    const auto* inner = operation.find("request_txn");
    if (inner != nullptr) below = std::max(below, depth_cost(*inner->find("success")));
  }
  return operations.as_array()->size() + below;
}

TEST(EtcdMessages, AsManyChangesAsAreAllowedFitIntoEtcdsUsualLimit) {
  constexpr std::size_t max_txn_ops = 128;
  Transaction transaction;
  for (std::size_t i = 0; i < store_changes_max.count(); ++i) {
    transaction.deletes.push_back(std::to_string(i));
  }
  const auto body = render_txn(transaction);
  ASSERT_TRUE(body);
  EXPECT_LE(depth_cost(*json(*body).find("success")), max_txn_ops);
}

TEST(EtcdMessages, MoreThanALevelTakesIsNotSent) {
  Transaction transaction;
  for (int i = 0; i < 100; ++i) transaction.compares.push_back({std::to_string(i), 0});
  EXPECT_EQ(render_txn(transaction).error().code, Code::limit_exceeded);
  Transaction large;
  for (int i = 0; i < 9; ++i) {
    large.puts.push_back({.key = std::to_string(i),
                          .value = std::string(store_value_bytes_max.count(), 'x'),
                          .lease = 0});
  }
  EXPECT_EQ(render_txn(large).error().code, Code::limit_exceeded);
}

}  // namespace
}  // namespace portolan::store

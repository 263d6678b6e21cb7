#include <fmt/format.h>

#include "back_ends.h"
#include "losing_proxy.h"
#include "runtime/combine.h"
#include "runtime/gate.h"
#include "store/etcd_messages.h"
#include "store/prefix_end.h"
#include "wire/base64.h"

// What only a cluster can suffer: members that are killed, hung or cut off, and
// connections that are lost with a change on its way.
namespace portolan::store::testing {
namespace {

struct EtcdFailures : ::testing::Test {
  using Story = Task<void> (*)(EpollShard& shard);

  void play(Story story) {
    EpollShard shard;
    const auto whole = [](EpollShard& on, Story told) -> Task<void> {
      co_await cluster().settle(on);
      co_await told(on);
      co_await cluster().settle(on);
    };
    shard.run(whole(shard, story));
  }
};

// Puts 1, 2, 3 ... into `counter`, each by compare with the one before.
Task<void> count_to(ControlStore& store, int last, int& value, std::uint64_t& revision) {
  while (value < last) {
    auto next = put("counter", std::to_string(value + 1));
    next.compares = {{"counter", revision}};
    const auto outcome = co_await store.commit(next);
    if (outcome) {
      revision = *outcome;
      ++value;
      continue;
    }
    EXPECT_NE(outcome.error().code, Code::resource_conflict)
        << "a change that was reported as failed has happened: " << outcome.error().message;
    const bool may_have_happened = outcome.error().code == Code::timed_out;
    const auto range = co_await read(store, "counter");
    revision = range.items.empty() ? 0 : range.items.at(0).mod_revision;
    const int stored = range.items.empty() ? 0 : std::stoi(range.items.at(0).value);
    EXPECT_TRUE(stored == value || (may_have_happened && stored == value + 1));
    value = stored;
  }
}

// Every value once and in order, whatever happens to members.
Task<void> follow(runtime::Shard& shard, ControlStore& store, std::uint64_t from, int last,
                  int& seen) {
  const Instant patience = shard.now() + Duration::seconds(100);
  while (seen < last && shard.now() < patience) {
    const auto changes =
        co_await store.watch({"counter", from}, shard.now() + Duration::seconds(5));
    if (!changes) {
      EXPECT_EQ(changes.error().code, Code::store_failed) << changes.error().message;
      continue;
    }
    for (const auto& change : changes->items) {
      EXPECT_EQ(*change.value, std::to_string(seen + 1));
      ++seen;
    }
    from = changes->next;
  }
}

TEST_F(EtcdFailures, AKilledLeaderLosesNothing) {
  play([](EpollShard& shard) -> Task<void> {
    constexpr int last = 80;
    const std::string prefix = fresh_prefix();
    auto writing = co_await open_etcd(shard, etcd_options(cluster().addresses(0), prefix));
    auto watching = co_await open_etcd(shard, etcd_options(cluster().addresses(1), prefix));
    const auto begun = co_await read(*watching, "");
    const auto leader = co_await cluster().leader(shard);
    int value = 0;
    int seen = 0;
    std::uint64_t revision = 0;
    runtime::Gate beside(shard, 2);
    EXPECT_TRUE(beside.start(follow(shard, *watching, begun.revision + 1, last, seen)));
    co_await count_to(*writing, last / 2, value, revision);
    cluster().kill(leader);
    EXPECT_TRUE(beside.start(count_to(*writing, last, value, revision)));
    co_await nap(shard, Duration::seconds(1));
    cluster().start(leader);
    co_await beside.drain();
    EXPECT_EQ(value, last);
    EXPECT_EQ(seen, last);
    co_await writing->close();
    co_await watching->close();
  });
}

TEST_F(EtcdFailures, AMemberThatIsCutOffIsNotTakenAsFresh) {
  play([](EpollShard& shard) -> Task<void> {
    const auto leader = co_await cluster().leader(shard);
    const std::size_t alone = (leader + 1) % EtcdCluster::size;
    auto options = etcd_options({cluster().addresses(alone).front()}, fresh_prefix());
    options.members.patience = Duration::seconds(4);
    auto store = co_await open_etcd(shard, options);
    const auto revision = co_await keep(*store, "a", "1");
    for (std::size_t i = 1; i < EtcdCluster::size; ++i) {
      cluster().suspend((alone + i) % EtcdCluster::size);
    }
    const auto seen = co_await store->watch({"", revision + 1}, soon(shard));
    EXPECT_FALSE(seen) << "it said that nothing had changed";
    if (!seen) EXPECT_EQ(seen.error().code, Code::store_failed) << seen.error().message;
    const auto briefly =
        co_await store->watch({"", revision + 1}, shard.now() + Duration::seconds(1));
    EXPECT_FALSE(briefly) << "it said that nothing had changed";
    // It says so itself, because it is asked with `hasleader`.
    EtcdMembers members(shard, options.members);
    const auto look = render_range({.key = "a", .end = ""});
    const auto said = co_await members.ask_member(0, "/v3/kv/range", look);
    EXPECT_FALSE(said);
    if (!said) EXPECT_NE(said.error().message.find("no leader"), std::string::npos);
    co_await members.close();
    const auto range = co_await store->range({});
    EXPECT_FALSE(range);
    if (!range) EXPECT_EQ(range.error().code, Code::store_failed) << range.error().message;
    auto raised = put("a", "2");
    raised.compares = {{"a", revision}};
    const auto outcome = co_await store->commit(raised);
    EXPECT_FALSE(outcome);
    for (std::size_t i = 0; i < EtcdCluster::size; ++i) cluster().resume(i);
    co_await cluster().settle(shard);
    // What was reported as failed has not happened and never will.
    const auto after = co_await read(*store, "");
    if (outcome.error().code != Code::timed_out) EXPECT_EQ(after.items.at(0).value, "1");
    const auto last = co_await keep(*store, "a", "3");
    const auto rest = co_await store->watch({"", last}, soon(shard));
    EXPECT_EQ(rest->items.at(0).value, "3");
    co_await store->close();
  });
}

TEST_F(EtcdFailures, AWatchLeavesAMemberThatHangs) {
  play([](EpollShard& shard) -> Task<void> {
    const auto leader = co_await cluster().leader(shard);
    const std::size_t hung = (leader + 1) % EtcdCluster::size;
    const std::string prefix = fresh_prefix();
    auto watching = co_await open_etcd(shard, etcd_options(cluster().addresses(hung), prefix));
    auto writing = co_await open_etcd(shard, etcd_options(cluster().addresses(leader), prefix));
    const auto first = co_await keep(*writing, "a", "1");
    const auto seen = co_await watching->watch({"", first}, soon(shard));
    EXPECT_EQ(seen->items.size(), 1u);
    cluster().suspend(hung);
    const auto second = co_await keep(*writing, "a", "2");
    const auto rest = co_await watching->watch({"", first + 1}, soon(shard));
    EXPECT_TRUE(rest);
    if (rest) EXPECT_EQ(rest->items.at(0).mod_revision, second);
    cluster().resume(hung);
    co_await watching->close();
    co_await writing->close();
  });
}

Task<void> lose_a_change(EpollShard& shard, LosingProxy::Loses what) {
  LosingProxy proxy(shard, cluster().addresses().front());
  const std::string prefix = fresh_prefix();
  auto store = co_await open_etcd(shard, etcd_options({proxy.address()}, prefix));
  const auto first = co_await keep(*store, "a", "1");
  proxy.lose(what);
  auto raised = put("a", "2");
  raised.compares = {{"a", first}};
  const auto second = co_await store->commit(raised);
  EXPECT_TRUE(second) << second.error().message;
  EXPECT_EQ(proxy.lost(), 1);
  // Once: not left out, and not made twice.
  auto watching = co_await open_etcd(shard, etcd_options(cluster().addresses(), prefix));
  const auto seen = co_await watching->watch({"", first}, soon(shard));
  EXPECT_TRUE(seen);
  const std::vector<Change> expected{{"a", "1", first}, {"a", "2", *second}};
  if (seen) EXPECT_EQ(seen->items, expected);
  co_await watching->close();
  co_await store->close();
  co_await proxy.close();
}

TEST_F(EtcdFailures, AChangeWhoseAnswerIsLostHasHappenedOnce) {
  play([](EpollShard& shard) -> Task<void> {
    co_await lose_a_change(shard, LosingProxy::Loses::answer);
  });
}

TEST_F(EtcdFailures, AChangeWhoseQuestionIsLostHappensOnce) {
  play([](EpollShard& shard) -> Task<void> {
    co_await lose_a_change(shard, LosingProxy::Loses::question);
  });
}

TEST_F(EtcdFailures, AWatchWhoseConnectionDiedUnseenIsNotBelieved) {
  play([](EpollShard& shard) -> Task<void> {
    LosingProxy proxy(shard, cluster().addresses().front());
    const std::string prefix = fresh_prefix();
    auto writing = co_await open_etcd(shard, etcd_options(cluster().addresses(), prefix));
    auto deaf = co_await open_etcd(shard, etcd_options({proxy.address()}, prefix));
    auto members = cluster().addresses(1);
    members.insert(members.begin(), proxy.address());
    auto watching = co_await open_etcd(shard, etcd_options(members, prefix));
    const auto first = co_await keep(*writing, "a", "1");
    const auto quiet = co_await deaf->watch({"", first + 1}, shard.now());
    EXPECT_TRUE(quiet && quiet->items.empty()) << "there is nothing new";
    const std::vector<Transaction> changes{put("b", "2"), remove("b")};
    for (const auto& change : changes) {
      const auto revision = co_await keep(*writing, change);
      const auto unheard = co_await deaf->watch({"", revision}, shard.now());
      EXPECT_FALSE(unheard) << "it said that nothing had changed";
    }
    const auto seen = co_await watching->watch({"", first}, soon(shard));
    EXPECT_TRUE(seen);
    if (seen) EXPECT_EQ(seen->items.size(), 3u);
    EXPECT_GT(proxy.silent(), 0);
    for (auto* store : {&writing, &deaf, &watching}) co_await (*store)->close();
    co_await proxy.close();
  });
}

TEST_F(EtcdFailures, AStoreWhoseSessionEndedBeginsAnother) {
  play([](EpollShard& shard) -> Task<void> {
    const std::string prefix = fresh_prefix();
    auto store = co_await open_etcd(shard, etcd_options(cluster().addresses(), prefix));
    const auto first = co_await keep(*store, "a", "1");
    // As when its lease had ended: its token is gone.
    EtcdMembers members(
        shard, {.addresses = cluster().addresses(), .credentials = nullptr, .stranger = nullptr});
    const std::string tokens = prefix + "/s/";
    const auto body = fmt::format(R"({{"key":"{}","range_end":"{}"}})", wire::render_base64(tokens),
                                  wire::render_base64(prefix_end(tokens)));
    const auto gone = co_await members.ask("/v3/kv/deleterange", body);
    EXPECT_TRUE(gone && gone->find("deleted") != nullptr);
    auto raised = put("a", "2");
    raised.compares = {{"a", first}};
    const auto second = co_await keep(*store, raised);
    EXPECT_GT(second, first);
    co_await store->close();
    const auto look = render_range({.key = tokens, .end = prefix_end(tokens)});
    const auto left = co_await members.ask("/v3/kv/range", look);
    EXPECT_TRUE(left && left->find("kvs") == nullptr) << "a closed store leaves no token behind";
    co_await members.close();
  });
}

Task<std::uint64_t> users_of(EtcdControlStore& store) {
  const auto users = co_await store.users();
  check(users.has_value(), "etcd answers");
  co_return *users;
}

// Ends the leases of all tokens of users.
Task<void> end_sessions(EtcdMembers& members, std::string tokens) {
  const auto look = render_range({.key = tokens, .end = prefix_end(tokens)});
  const auto found = co_await members.ask("/v3/kv/range", look);
  for (const auto& token : *found->find("kvs")->as_array()) {
    const auto lease = std::stoull(*token.find("lease")->as_string());
    const auto body = render_lease(lease);
    const auto ended = co_await members.ask("/v3/lease/revoke", body);
    EXPECT_TRUE(ended);
  }
}

TEST_F(EtcdFailures, WhoHasAStoreOpenIsSeenBeforeItsFirstChangeAndAfterALostSession) {
  play([](EpollShard& shard) -> Task<void> {
    auto options = etcd_options(cluster().addresses(), fresh_prefix());
    auto user = co_await open_etcd(shard, options);
    options.visitor = true;
    const auto visitor = co_await EtcdControlStore::open(shard, options);
    co_await keep(**visitor, "a", "a visitor's change");
    const auto one = co_await users_of(**visitor);
    EXPECT_EQ(one, 1u);
    EtcdMembers members(shard, options.members);
    std::uint64_t none = one;
    // Who keeps its session alive may have begun another one already.
    for (int tries = 0; tries < 5 && none != 0; ++tries) {
      co_await end_sessions(members, options.prefix + "/s/");
      none = co_await users_of(**visitor);
    }
    EXPECT_EQ(none, 0u);
    const Instant patience = soon(shard);
    std::uint64_t again = 0;
    while (again == 0 && shard.now() < patience) {
      co_await nap(shard, Duration::milliseconds(200));
      again = co_await users_of(**visitor);
    }
    EXPECT_EQ(again, 1u);
    co_await user->close();
    const auto left = co_await users_of(**visitor);
    EXPECT_EQ(left, 0u);
    co_await (*visitor)->close();
    co_await members.close();
  });
}

}  // namespace
}  // namespace portolan::store::testing

#include <fmt/format.h>

#include "back_ends.h"
#include "http/server.h"

// Clusters that must not keep the state of a network.
namespace portolan::store::testing {
namespace {

// Says of itself what it is told to: no etcd of such a version is at hand.
class SaysItIs final : public http::Handler {
 public:
  SaysItIs(runtime::Shard& shard, std::string version, std::string alarms)
      : version_(std::move(version)), alarms_(std::move(alarms)), server_(shard, *this, {}) {
    auto listener = shard.network().listen({.address = {"127.0.0.1", 0}, .credentials = nullptr});
    check(listener.has_value(), "there is a free port");
    address_ = (*listener)->address();
    server_.serve(std::move(*listener));
  }

  runtime::Task<void> handle(http::Exchange& exchange) override {
    std::string body = fmt::format(
        R"({{"header":{{"cluster_id":"7","revision":"1"}},"version":"{}","alarms":[{}]}})",
        version_, alarms_);
    const Status answered = co_await exchange.respond(200, {}, std::move(body));
    if (!answered) exchange.break_off();
  }
  http::OwnedFields render_fault(const Fault&, std::string&) override { return {}; }

  const runtime::Address& address() const { return address_; }
  runtime::Task<void> close() { co_await server_.close(); }

 private:
  std::string version_;
  std::string alarms_;
  http::Server server_;
  runtime::Address address_;
};

Task<Fault> refusal(runtime::Shard& shard, std::vector<runtime::Address> members,
                    Duration patience = Duration::seconds(60)) {
  auto options = etcd_options(members, "/refused");
  options.members.patience = patience;
  const auto opened = co_await EtcdControlStore::open(shard, options);
  if (!opened) co_return opened.error();
  co_await (*opened)->close();
  co_return Fault{Code::cancelled, Retry::never, "it opened"};
}

struct EtcdRefused : ::testing::Test {
  void play(Task<void> (*story)(EpollShard& shard)) {
    EpollShard shard;
    shard.run(story(shard));
  }
};

TEST_F(EtcdRefused, AKnownBadVersionIsRefusedAtStart) {
  play([](EpollShard& shard) -> Task<void> {
    SaysItIs old(shard, "3.5.2", "");
    const auto fault = co_await refusal(shard, {old.address()});
    EXPECT_EQ(fault.code, Code::bad_configuration) << fault.message;
    EXPECT_NE(fault.message.find("3.5.2 is refused"), std::string::npos) << fault.message;
    co_await old.close();
  });
}

TEST_F(EtcdRefused, ADamagedClusterIsRefusedAtStart) {
  play([](EpollShard& shard) -> Task<void> {
    SaysItIs damaged(shard, "3.6.5", R"({"memberID":"1","alarm":"CORRUPT"})");
    const auto fault = co_await refusal(shard, {damaged.address()});
    EXPECT_EQ(fault.code, Code::store_failed);
    EXPECT_NE(fault.message.find("CORRUPT"), std::string::npos) << fault.message;
    co_await damaged.close();
  });
}

TEST_F(EtcdRefused, MembersOfTwoClustersAreRefused) {
  play([](EpollShard& shard) -> Task<void> {
    co_await cluster().settle(shard);
    SaysItIs other(shard, "3.6.5", "");
    auto members = cluster().addresses();
    members.push_back(other.address());
    const auto fault = co_await refusal(shard, members);
    EXPECT_EQ(fault.code, Code::bad_configuration);
    EXPECT_NE(fault.message.find("another cluster"), std::string::npos) << fault.message;
    co_await other.close();
  });
}

TEST_F(EtcdRefused, NobodyAtAllIsToldInTime) {
  play([](EpollShard& shard) -> Task<void> {
    const auto fault = co_await refusal(shard, {{"127.0.0.1", 1}}, Duration::seconds(1));
    EXPECT_EQ(fault.code, Code::store_failed);
    EXPECT_NE(fault.message.find("No member of etcd answers"), std::string::npos) << fault.message;
  });
}

TEST_F(EtcdRefused, ClearTextOffLoopbackIsRefusedUnasked) {
  play([](EpollShard& shard) -> Task<void> {
    const auto fault = co_await refusal(shard, {{"192.0.2.1", 2379}});
    EXPECT_EQ(fault.code, Code::bad_configuration);
    EXPECT_NE(fault.message.find("in clear"), std::string::npos) << fault.message;
  });
}

}  // namespace
}  // namespace portolan::store::testing

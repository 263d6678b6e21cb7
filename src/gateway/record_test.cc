#include "gateway/record.h"

#include <array>

#include "gateway/client_answer.h"
#include "gateway/gateway.h"
#include "gateway/usage_test_support.h"
#include "gateway/zone_key.h"
#include "http/client.h"
#include "http/server.h"

namespace portolan::gateway {
namespace {

using runtime::Task;

wire::UsageCounts counts(std::uint64_t completion) {
  return {.prompt = {7}, .completion = {completion}, .cached = {}, .estimated = false};
}

// What a test plays with.
struct Scene {
  virtual_time::Faults& faults;
  Gateway& gateway;
  http::Exchange& exchange;
  Record& record;
};

// A gateway that knows of no World; what becomes of a request's record is the
// test's to play.
class RecordStage : public UsageLogStage, public http::Handler {
 protected:
  using Play = Task<void> (*)(Scene& scene);

  void SetUp() override {
    start();
    options_.id = "a";
    knowledge_.emplace(machine_, *world::LastGood::open(machine_.disk(), "/last-good"), options_);
    connections_.emplace(machine_, options_);
    access_log_.emplace(machine_, *machine_.disk().open_append("/access.log"));
    zone_key_.emplace(machine_, options_);
    gateway_.emplace(machine_, options_, *knowledge_, *connections_, *zone_key_, *access_log_, *log_,
                     epoch_);
    server_.emplace(machine_, *this, http::ServerOptions());
    server_->serve(*machine_.network().listen(
        {.address = {"a", 80}, .share_port = false, .credentials = nullptr}));
  }

  void TearDown() override {
    universe_.faults() = {};
    EXPECT_TRUE(finish(close_all(*this)));
    UsageLogStage::TearDown();
  }

  void play(Play play) {
    play_ = play;
    const auto answer = finish(ask(client_));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 204);
  }

  Task<void> handle(http::Exchange& exchange) override {
    Record record(*gateway_, exchange);
    Scene scene{universe_.faults(), *gateway_, exchange, record};
    co_await play_(scene);
    const Status told = co_await exchange.respond(204, {}, "");
    EXPECT_TRUE(told);
  }
  http::OwnedFields render_fault(const Fault& /*fault*/, std::string& /*body*/) override {
    return {};
  }

  std::vector<wire::UsageCheckpoint> stored_checkpoints() {
    std::vector<wire::UsageCheckpoint> checkpoints;
    for (const Stored& record : stored_in_usage()) {
      const auto* checkpoint = std::get_if<wire::UsageCheckpoint>(&record.body);
      if (checkpoint != nullptr) checkpoints.push_back(*checkpoint);
    }
    return checkpoints;
  }
  std::vector<wire::UsageClose> closes() {
    std::vector<wire::UsageClose> closes;
    for (const Stored& record : stored_in_usage()) {
      const auto* close = std::get_if<wire::UsageClose>(&record.body);
      if (close != nullptr) closes.push_back(*close);
    }
    return closes;
  }

 private:
  static Task<Result<http::Answer>> ask(runtime::Shard& client) {
    http::Origin origin;
    origin.address = {"a", 80};
    http::Pool pool(client, std::move(origin));
    const Instant deadline = client.now() + Duration::seconds(60);
    http::Request request;
    request.method = "POST";
    request.target = "/";
    auto answer = co_await http::fetch(pool, std::move(request), deadline);
    co_await pool.close();
    co_return answer;
  }
  static Task<bool> close_all(RecordStage& stage) {
    co_await stage.server_->close();
    co_await stage.connections_->close();
    co_await stage.access_log_->close();
    co_return true;
  }
  // Beside the log there are other files here.
  std::vector<Stored> stored_in_usage() {
    std::vector<Stored> records;
    for (const auto& [path, bytes] : machine_.disk().files()) {
      if (!path.starts_with(folder)) continue;
      SegmentWalk walk(bytes);
      while (const auto record = walk.next()) {
        const auto body = wire::parse_usage_body(*record);
        if (body && *body) records.push_back({.epoch = 1, .number = 0, .body = **body});
      }
    }
    return records;
  }

  Options options_;
  virtual_time::VirtualShard& client_ = universe_.add_machine("client");
  std::optional<Knowledge> knowledge_;
  std::optional<Connections> connections_;
  std::optional<ZoneKey> zone_key_;
  std::optional<runtime::LineFile> access_log_;
  std::optional<Gateway> gateway_;
  std::optional<http::Server> server_;
  Play play_ = nullptr;
};

TEST_F(RecordStage, WhatWasNotOpenedIsNotClosed) {
  play([](Scene& scene) -> Task<void> {
    Status refused = Fault{Code::unknown_key, Retry::never, ""};
    const Status closed = co_await scene.record.close(refused, 401);
    EXPECT_EQ(closed.error().code, Code::unknown_key);
  });
  EXPECT_TRUE(closes().empty());
}

TEST_F(RecordStage, AnOpenThatTheDiskDoesNotTakeOpensNothing) {
  play([](Scene& scene) -> Task<void> {
    scene.faults.disk_failed = 1;
    const Status opened = co_await scene.record.open();
    EXPECT_EQ(opened.error().code, Code::usage_log_full);
    scene.faults.disk_failed = 0;
    const Status closed = co_await scene.record.close(opened, 503);
    EXPECT_EQ(closed.error().code, Code::usage_log_full);
  });
  EXPECT_TRUE(closes().empty());
}

TEST_F(RecordStage, AnAnswerWhoseCloseTheDiskDoesNotTakeIsNotGood) {
  play([](Scene& scene) -> Task<void> {
    const Status opened = co_await scene.record.open();
    EXPECT_TRUE(opened);
    scene.faults.disk_failed = 1;
    const Status good;
    const Status closed = co_await scene.record.close(good, 200);
    EXPECT_EQ(closed.error().code, Code::usage_log_full);
    EXPECT_EQ(closed.error().retry, Retry::later) << "the log is the entry's, wherever it runs";
    EXPECT_EQ(scene.record.code, Code::usage_log_full);
  });
  EXPECT_TRUE(closes().empty());
}

TEST_F(RecordStage, AFailureStaysWhatItIsWhenItsCloseIsNotTaken) {
  play([](Scene& scene) -> Task<void> {
    const Status opened = co_await scene.record.open();
    EXPECT_TRUE(opened);
    scene.faults.disk_failed = 1;
    Status lost = Fault{Code::engine_failed, Retry::never, ""};
    const Status closed = co_await scene.record.close(lost, 200);
    EXPECT_EQ(closed.error().code, Code::engine_failed);
  });
}

// The workspace says `durable: machine`.
TEST_F(RecordStage, ADurableAnswerDoesNotBeginBeforeItsOpenIsOnTheDisk) {
  play([](Scene& scene) -> Task<void> {
    scene.record.durable = true;
    scene.faults.sync_failed = 1;
    const Status opened = co_await scene.record.open();
    EXPECT_TRUE(opened) << "nothing waits for the disk before it is forwarded";
    const Status secured = co_await scene.record.secure();
    EXPECT_EQ(secured.error().code, Code::usage_log_full);
    const Status closed = co_await scene.record.close(secured, 503);
    EXPECT_FALSE(closed);
  });
}

TEST_F(RecordStage, ADurableStreamSendsNoByteBeforeItsOpenIsOnTheDisk) {
  play([](Scene& scene) -> Task<void> {
    scene.record.durable = true;
    PhaseGauge gauge(scene.gateway.metrics());
    ClientAnswer answer(scene.gateway, scene.exchange, scene.record, gauge);
    const Status opened = co_await scene.record.open();
    EXPECT_TRUE(opened);
    scene.faults.sync_failed = 1;
    AnswerHead head{.status = 200, .fields = {}, .stream = true};
    const Status begun = co_await answer.begin(std::move(head));
    EXPECT_TRUE(begun);
    const std::array pieces = {std::string_view("data: {}\n\n")};
    AnswerBytes bytes{pieces};
    const Status sent = co_await answer.data(bytes);
    EXPECT_EQ(sent.error().code, Code::usage_log_full);
    EXPECT_FALSE(answer.begun());
    EXPECT_FALSE(scene.exchange.answered());
    const Status closed = co_await scene.record.close(sent, 503);
    EXPECT_FALSE(closed);
  });
}

TEST_F(RecordStage, ADurableAnswerDoesNotEndBeforeItsCloseIsOnTheDisk) {
  play([](Scene& scene) -> Task<void> {
    scene.record.durable = true;
    const Status opened = co_await scene.record.open();
    EXPECT_TRUE(opened);
    const Status secured = co_await scene.record.secure();
    EXPECT_TRUE(secured);
    scene.faults.sync_failed = 1;
    const Status good;
    const Status closed = co_await scene.record.close(good, 200);
    EXPECT_EQ(closed.error().code, Code::usage_log_full);
  });
}

TEST_F(RecordStage, AnotherAnswerWaitsForNoDisk) {
  play([](Scene& scene) -> Task<void> {
    scene.faults.sync_failed = 1;
    const Status opened = co_await scene.record.open();
    EXPECT_TRUE(opened);
    const Status secured = co_await scene.record.secure();
    EXPECT_TRUE(secured);
    const Status good;
    const Status closed = co_await scene.record.close(good, 200);
    EXPECT_TRUE(closed);
  });
  EXPECT_EQ(closes().size(), 1u);
}

TEST_F(RecordStage, CountsAreNotedWhenTheyAreDueAndTheCloseSaysWhatWasDelivered) {
  play([](Scene& scene) -> Task<void> {
    const Status opened = co_await scene.record.open();
    EXPECT_TRUE(opened);
    for (std::uint64_t completion = 1; completion <= 66; ++completion) {
      const wire::UsageCounts so_far = counts(completion);
      const Status counted = co_await scene.record.count(so_far);
      EXPECT_TRUE(counted);
    }
    scene.record.usage = counts(65);
    Status left = Fault{Code::cancelled, Retry::never, ""};
    const Status closed = co_await scene.record.close(left, 200);
    EXPECT_EQ(closed.error().code, Code::cancelled);
  });
  std::vector<std::uint64_t> noted;
  for (const auto& checkpoint : stored_checkpoints()) {
    noted.push_back(checkpoint.counts.completion.value);
  }
  EXPECT_EQ(noted, (std::vector<std::uint64_t>{1, 33, 65}));
  ASSERT_EQ(closes().size(), 1u);
  EXPECT_EQ(closes()[0].counts, counts(65));
  EXPECT_EQ(closes()[0].outcome, "cancelled");
  EXPECT_EQ(closes()[0].status, 200);
}

}  // namespace
}  // namespace portolan::gateway

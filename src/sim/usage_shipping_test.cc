#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "gateway/usage_shipper.h"
#include "meter/run_meter.h"
#include "runtime/wait.h"
#include "sim/process.h"
#include "store/ledger_table.h"
#include "virtual/universe.h"

// A gateway's usage log, its shipper and a meter, while both processes are killed
// and the network fails: what was written is in the ledger, once.
namespace portolan::sim {
namespace {

using runtime::Task;
using virtual_time::VirtualShard;

constexpr std::uint16_t meter_port = 7402;

runtime::TlsMaterial shown(std::string identity) {
  return {.certificate = std::move(identity), .key = {}, .authority = {}, .require_peer = true};
}

struct Scene {
  explicit Scene(std::uint64_t seed)
      : universe(seed),
        meter_machine(universe.add_machine("meter")),
        gateway_machine(universe.add_machine("gateway")),
        meter(meter_machine, [this](runtime::Event& stop) { return run_ledger(*this, stop); }),
        gateway(gateway_machine, [this](runtime::Event& stop) { return run_log(*this, stop); }) {
    check(mkdtemp(folder.data()) != nullptr, "no folder for the ledger of a test");
    meter_options = {.network = "net",
                     .ledger = folder + "/ledger.db",
                     .tls = shown("spiffe://net/meter/meter"),
                     .listen = {"meter", meter_port}};
    options.network = "net";
    options.id = "gw-1";
    options.zone = "fra-a";
    options.meters = {{"meter", meter_port}};
    options.tls = shown("spiffe://net/zone/fra-a/gateway/gw-1");
  }
  ~Scene() { std::filesystem::remove_all(folder); }

  static Task<Status> run_ledger(Scene& scene, runtime::Event& stop);
  static Task<Status> run_log(Scene& scene, runtime::Event& stop);

  std::string folder = "/tmp/portolan-shipping-XXXXXX";
  virtual_time::Universe universe;
  VirtualShard& meter_machine;
  VirtualShard& gateway_machine;
  meter::RunOptions meter_options;
  gateway::Options options;
  std::uint64_t epoch = 0;
  std::uint64_t requests = 0;    // that were begun
  std::set<std::string> opened;  // whose open was written
  std::set<std::string> closed;  // whose close was written
  Process meter;
  Process gateway;
};

Task<Status> Scene::run_ledger(Scene& scene, runtime::Event& stop) {
  auto silent = [](const runtime::Address&) {};
  auto ended = co_await meter::run_meter(scene.meter_machine, scene.meter_options, silent, stop);
  co_return ended;
}

wire::UsageRequest request_of(const std::string& id, WallTime began) {
  wire::UsageRequest request;
  request.request_id = id;
  request.key_id = id;  // so that the ledger can be asked request by request
  request.began = began;
  request.workspace = "eu";
  request.entry_zone = "fra-a";
  return request;
}

Task<void> write_requests(Scene& scene, gateway::UsageLog& log) {
  VirtualShard& shard = scene.gateway_machine;
  for (;;) {
    const std::string id =
        "gw-1-" + std::to_string(scene.epoch) + "-" + std::to_string(++scene.requests);
    wire::UsageOpen open{request_of(id, shard.wall_now())};
    const Status opened = co_await log.append(std::move(open));
    if (!opened) co_return;
    scene.opened.insert(id);
    const Status served = co_await runtime::sleep_for(shard, Duration::milliseconds(50));
    if (!served) co_return;
    wire::UsageClose close;
    close.request = request_of(id, shard.wall_now());
    close.outcome = wire::outcome_completed;
    close.counts.completion = {3};
    const Status closed = co_await log.append(std::move(close));
    if (!closed) co_return;
    scene.closed.insert(id);
  }
}

Task<Status> Scene::run_log(Scene& scene, runtime::Event& stop) {
  VirtualShard& shard = scene.gateway_machine;
  gateway::Connections connections(shard, scene.options);
  CO_TRY_DO(connections.prepare());
  gateway::UsageLogOptions of{.network = "net",
                              .gateway = "gw-1",
                              .epoch = ++scene.epoch,
                              .folder = "/usage",
                              .has_meter = true,
                              .segment_bytes = 64 * 1024};
  CO_TRY(const auto log, co_await gateway::UsageLog::open(shard, std::move(of)));
  CO_TRY(auto last_good, world::LastGood::open(shard.disk(), "/last-good"));
  const gateway::Knowledge knowledge(shard, std::move(last_good), scene.options);
  gateway::UsageShipper shipper(shard, scene.options, connections, knowledge, *log);
  runtime::Gate background(shard, 3);
  background.start(log->run());
  background.start(shipper.run());
  background.start(write_requests(scene, *log));
  const Status stopped = co_await stop.wait();
  co_await background.close();
  co_await log->close();
  const Instant shipped_by = shard.now() + Duration::seconds(5);
  co_await shipper.ship_rest(shipped_by);
  co_await connections.close();
  co_return stopped;
}

Task<void> trouble(Scene& scene) {
  VirtualShard& clock = scene.universe.add_machine("clock");
  Random& random = scene.universe.random();
  auto& faults = scene.universe.faults();
  faults.connect_refused = 0.1;
  faults.connection_reset = 0.01;
  faults.connection_lost = 0.01;
  faults.short_read = 0.1;
  for (int i = 0; i < 15; ++i) {
    const auto calm = Duration::milliseconds(static_cast<std::int64_t>(random.below(3'000)));
    (void)co_await runtime::sleep_for(clock, calm);
    Process& victim = random.chance(0.5) ? scene.meter : scene.gateway;
    co_await victim.kill();
    const auto away = Duration::milliseconds(static_cast<std::int64_t>(random.below(2'000)));
    (void)co_await runtime::sleep_for(clock, away);
    victim.start();
  }
  const auto happened = std::move(faults.happened);
  faults = {};
  faults.happened = happened;
  // More than the longest pause of a shipper that found no meter.
  const Duration calm = Duration::seconds(60);
  (void)co_await runtime::sleep_for(clock, calm);
  co_await scene.gateway.stop();
  co_await scene.meter.stop();
}

Task<void> play(Scene& scene) {
  scene.meter.start();
  scene.gateway.start();
  co_await trouble(scene);
}

std::map<std::string, store::LedgerRow> rows_of(store::LedgerTable& ledger) {
  std::map<std::string, store::LedgerRow> rows;
  store::LedgerQuery query{.by = {store::UsageField::key}};
  for (;;) {
    const auto page = ledger.query(query);
    EXPECT_TRUE(page);
    for (const auto& row : page->rows) rows[row.group.front()] = row;
    if (!page->more) return rows;
    query.after = page->rows.back().group;
  }
}

class UsageShipping : public testing::TestWithParam<std::uint64_t> {};

TEST_P(UsageShipping, LosesNothingAndCountsNothingTwice) {
  Scene scene(GetParam());
  ASSERT_TRUE(scene.universe.run(play(scene), Duration::hours(1))) << scene.universe.trace();
  EXPECT_GT(scene.meter.kills() + scene.gateway.kills(), 0u);
  auto ledger = store::LedgerTable::open({.path = scene.folder + "/ledger.db"});
  ASSERT_TRUE(ledger) << ledger.error().message;
  const auto rows = rows_of(*ledger);
  for (const auto& id : scene.closed) {
    const auto row = rows.find(id);
    ASSERT_NE(row, rows.end()) << id << " is lost";
    EXPECT_EQ(row->second.requests, 1u) << id;
    EXPECT_EQ(row->second.completion_tokens, 3u) << id;
    EXPECT_TRUE(row->second.outcomes.contains("completed")) << id;
  }
  // What the last process left open is closed by the next.
  const auto last_epoch = "gw-1-" + std::to_string(scene.epoch) + "-";
  for (const auto& id : scene.opened) {
    EXPECT_TRUE(rows.contains(id) || id.starts_with(last_epoch)) << id << " is lost";
  }
  EXPECT_LE(rows.size(), scene.requests);
  const auto status = ledger->status();
  EXPECT_EQ(status->gaps, 0u);
  EXPECT_EQ(status->conflicts, 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, UsageShipping, testing::Range<std::uint64_t>(1, 4));

Task<void> lose_a_segment(Scene& scene, std::string& lost) {
  VirtualShard& clock = scene.universe.add_machine("clock");
  const auto wait = [&clock](Duration span) { return runtime::sleep_for(clock, span); };
  scene.gateway.start();  // nobody takes what it writes
  auto written = wait(Duration::seconds(30));
  (void)co_await written;
  auto& files = scene.gateway_machine.disk().files();
  std::vector<std::string> segments;
  for (const auto& [path, bytes] : files) {
    if (path.starts_with("/usage/")) segments.push_back(path);
  }
  check(segments.size() >= 3, "the log has several segments");
  lost = segments[1];
  files.erase(lost);
  scene.meter.start();
  auto told = wait(Duration::seconds(60));
  (void)co_await told;
  co_await scene.gateway.stop();
  co_await scene.meter.stop();
}

TEST(UsageShippingGap, ALostSegmentIsAGapThatTheMeterTellsOf) {
  Scene scene(1);
  std::string lost;
  ASSERT_TRUE(scene.universe.run(lose_a_segment(scene, lost), Duration::hours(1)));
  const auto& trace = scene.universe.trace();
  EXPECT_NE(trace.find(lost + " is gone"), std::string::npos);
  EXPECT_NE(trace.find("gap in the ledger: gateway gw-1, epoch 1: numbers"), std::string::npos);
  auto ledger = store::LedgerTable::open({.path = scene.folder + "/ledger.db"});
  ASSERT_TRUE(ledger);
  const auto status = ledger->status();
  EXPECT_EQ(status->gaps, 1u);
  EXPECT_EQ(status->missing + status->requests, scene.closed.size());
}

Task<void> restore_an_old_ledger(Scene& scene) {
  namespace fs = std::filesystem;
  VirtualShard& clock = scene.universe.add_machine("clock");
  const Duration while_it_ships = Duration::seconds(10);
  const std::string ledger = scene.folder + "/ledger.db";
  scene.meter.start();
  scene.gateway.start();
  (void)co_await runtime::sleep_for(clock, while_it_ships);
  co_await scene.meter.stop();
  fs::copy_file(ledger, ledger + ".copy");
  scene.meter.start();
  (void)co_await runtime::sleep_for(clock, while_it_ships);
  co_await scene.meter.stop();
  fs::rename(ledger + ".copy", ledger);
  scene.meter.start();
  const Duration until_it_is_tried_again = Duration::seconds(60);
  (void)co_await runtime::sleep_for(clock, until_it_is_tried_again);
  co_await scene.gateway.stop();
  co_await scene.meter.stop();
}

TEST(UsageShippingRefill, ALedgerFromAnOldCopyGetsWhatTheLogStillHas) {
  Scene scene(1);
  ASSERT_TRUE(scene.universe.run(restore_an_old_ledger(scene), Duration::hours(1)));
  EXPECT_NE(scene.universe.trace().find("gap filled"), std::string::npos);
  auto ledger = store::LedgerTable::open({.path = scene.folder + "/ledger.db"});
  ASSERT_TRUE(ledger);
  const auto status = ledger->status();
  EXPECT_EQ(status->requests, scene.closed.size());
  EXPECT_EQ(status->gaps, 0u);
  EXPECT_EQ(status->conflicts, 0u);
}

Task<void> replace_the_disk(Scene& scene) {
  VirtualShard& clock = scene.universe.add_machine("clock");
  const Duration while_it_ships = Duration::seconds(10);
  scene.meter.start();
  scene.gateway.start();
  (void)co_await runtime::sleep_for(clock, while_it_ships);
  co_await scene.gateway.stop();
  scene.gateway_machine.disk().files().clear();
  scene.epoch = 0;
  scene.gateway.start();
  (void)co_await runtime::sleep_for(clock, while_it_ships);
  co_await scene.gateway.stop();
  co_await scene.meter.stop();
}

TEST(UsageShippingConflict, NumbersThatBeginAgainOnANewDiskAreNotLostInSilence) {
  Scene scene(1);
  ASSERT_TRUE(scene.universe.run(replace_the_disk(scene), Duration::hours(1)));
  EXPECT_NE(scene.universe.trace().find("was it replaced?"), std::string::npos);
  auto ledger = store::LedgerTable::open({.path = scene.folder + "/ledger.db"});
  ASSERT_TRUE(ledger);
  // Every close of either life was counted or is a conflict; so is the second start.
  const auto status = ledger->status();
  EXPECT_GT(status->conflicts, 1u);
  EXPECT_EQ(status->requests + status->conflicts, scene.closed.size() + 1);
}

}  // namespace
}  // namespace portolan::sim

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "control/gateway_api.h"
#include "control/opening_look.h"
#include "meter/run_meter.h"
#include "runtime/wait.h"
#include "seal/certificate.h"
#include "sim/opening_places_test_support.h"
#include "sim/opening_site_test_support.h"
#include "store/sqlite_control_store.h"

// For tests: a network in virtual time of three zones, whose control is held in hand. Gateways,
// engines and the meter are the real programs.
namespace portolan::sim::testing {

// Lives on: one thread.  Owner: a test, which plays a story on it.
struct OpeningStage {
  using Story = Task<Status> (*)(OpeningStage& stage);

  OpeningStage();

  virtual_time::VirtualShard& shard() { return *control_machine; }
  engines::SimState& engine(std::size_t at) { return sites[at]->sim->engines().front()->state(); }
  const model::Opening& opening() const { return control->state().contents->openings.front(); }

  Task<Status> apply(std::string text);
  // Everything is up, and gateways hold what control has.
  Task<Status> bring_up(std::string text);
  Task<Status> pass(Duration span) {
    auto slept = co_await runtime::sleep_for(shard(), span);
    co_return slept;
  }

  virtual_time::Universe universe{1};
  virtual_time::VirtualShard* control_machine = nullptr;
  virtual_time::VirtualShard* meter_machine = nullptr;
  meter::RunOptions meter_options;
  std::unique_ptr<Process> meter;
  std::vector<std::unique_ptr<OpeningSite>> sites;
  std::unique_ptr<store::SqliteControlStore> store;
  std::unique_ptr<control::Control> control;
  std::unique_ptr<control::Joining> joining;
  std::unique_ptr<control::GatewayApi> api;
  std::unique_ptr<http::Server> server;
  std::unique_ptr<control::MeterClient> ledger;
  std::unique_ptr<control::InspectClient> inspecting;
  std::unique_ptr<control::OpeningLook> look;
};

inline Task<Status> run_ledger(OpeningStage& stage, runtime::Event& stop) {
  auto silent = [](const runtime::Address&) {};
  auto ended = co_await meter::run_meter(*stage.meter_machine, stage.meter_options, silent, stop);
  co_return ended;
}

inline OpeningStage::OpeningStage() {
  control_machine = &universe.add_machine("control");
  meter_machine = &universe.add_machine("meter");
  meter_options = {.network = "net",
                   .ledger = ":memory:",
                   .tls = shown_by({"net", Identity::Kind::meter, "", "meter-1"}),
                   .listen = {"meter", 7402}};
  meter = std::make_unique<Process>(
      *meter_machine, [this](runtime::Event& stop) { return run_ledger(*this, stop); });
  for (const char* letter : {"a", "b", "c"}) sites.push_back(make_site(universe, letter));
}

inline Task<Status> OpeningStage::apply(std::string text) {
  control::ApplyRequest request;
  request.source = "test.yaml";
  request.text = std::move(text);
  CO_TRY(const auto applied, co_await control->apply(std::move(request)));
  for (const auto& problem : applied.problems) ADD_FAILURE() << problem.sentence;
  co_return Status{};
}

inline Task<Status> OpeningStage::bring_up(std::string text) {
  seal::Subject subject;
  subject.network = "net";
  subject.name = "control-1";
  subject.key = signing_key(2).verify_key();
  subject.not_before = WallTime::from_unix_seconds(0);
  subject.not_after = WallTime::from_unix_seconds(4'000'000'000);
  control::ControlOptions options{
      .signer = {signing_key(2), seal::issue_certificate(subject, signing_key(1))},
      .network = "net"};
  store::SqliteControlStore::Options memory;
  memory.path = ":memory:";
  CO_TRY(store, co_await store::SqliteControlStore::open(shard(), memory));
  CO_TRY(control, co_await control::Control::open(shard(), *store, std::move(options)));
  auto own = *shard().network().make_credentials(
      shown_by({"net", Identity::Kind::control, "", "control-1"}));
  joining = std::make_unique<control::Joining>(shard(), *control, *store, std::nullopt);
  api = std::make_unique<control::GatewayApi>(shard(), *control, *joining);
  server = std::make_unique<http::Server>(shard(), *api, http::ServerOptions());
  server->serve(std::move(*shard().network().listen({{"control", 7002}, false, own})));
  const std::vector<runtime::Address> meters{{"meter", 7402}};
  ledger = std::make_unique<control::MeterClient>(shard(), *control, "net", meters, own);
  inspecting = std::make_unique<control::InspectClient>(shard(), own);
  look = std::make_unique<control::OpeningLook>(
      shard(), *control, control::OpeningLook::Parts{*store, *inspecting, *ledger, nullptr});
  meter->start();
  for (const auto& site : sites) site->engine->start();
  for (const auto& site : sites) site->gateway->start();
  CO_TRY_DO(co_await apply(std::move(text)));
  auto slept = co_await pass(Duration::seconds(10));
  co_return slept;
}

inline Task<void> shut_down(OpeningStage& stage) {
  for (const auto& site : stage.sites) co_await site->gateway->stop();
  for (const auto& site : stage.sites) co_await site->engine->stop();
  co_await stage.meter->stop();
  if (stage.ledger) co_await stage.ledger->close();
  if (stage.control) stage.control->begin_drain();
  if (stage.server) co_await stage.server->close();
  if (stage.store) co_await stage.store->close();
}

inline Task<void> tell_whole(OpeningStage& stage, std::string text, OpeningStage::Story story,
                             Status& outcome) {
  outcome = co_await stage.bring_up(std::move(text));
  if (outcome) outcome = co_await story(stage);
  co_await shut_down(stage);
}

// Told where `text` is applied.
inline void play(std::string text, OpeningStage::Story story) {
  OpeningStage stage;
  Status outcome = Fault{Code::cancelled, Retry::never, "not told"};
  auto whole = tell_whole(stage, std::move(text), story, outcome);
  ASSERT_TRUE(stage.universe.run(std::move(whole), Duration::hours(2)));
  EXPECT_TRUE(outcome) << outcome.error().message;
}

// What is known of the place when these gates were asked.
inline Task<Result<control::OpeningFacts>> look_for(OpeningStage& stage,
                                                    std::vector<model::Gate> gates) {
  CO_TRY(auto facts, stage.look->begin(stage.opening()));
  for (const auto gate : gates) {
    CO_TRY_DO(co_await stage.look->add(facts, gate));
  }
  co_return facts;
}

inline Task<Result<control::OpeningFacts>> look_for(OpeningStage& stage, model::Gate gate) {
  std::vector<model::Gate> gates{gate};
  auto facts = co_await look_for(stage, std::move(gates));
  co_return facts;
}

}  // namespace portolan::sim::testing

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "control/control.h"
#include "seal/certificate.h"
#include "store/sqlite_control_store.h"
#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

// For tests: control on a store in memory, in virtual time.
namespace portolan::control::testing {

using runtime::Task;

inline seal::KeySeed seed(unsigned char byte) {
  seal::KeySeed bytes{};
  bytes.fill(byte);
  return bytes;
}

inline const seal::SigningKey& root_key() {
  static const seal::SigningKey key(seed(1));
  return key;
}

inline ControlOptions options_of(std::string network, std::uint64_t epoch = 0) {
  const seal::SigningKey key(seed(2));
  seal::Subject subject;
  subject.network = network;
  subject.name = "control-1";
  subject.key = key.verify_key();
  subject.not_before = WallTime::from_unix_seconds(0);
  subject.not_after = WallTime::from_unix_seconds(4'000'000'000);
  return {.signer = {key, seal::issue_certificate(subject, root_key())},
          .network = std::move(network),
          .epoch = epoch};
}

inline const std::string small_network = R"(apiVersion: portolan/v1
kind: Region
metadata: {name: eu-central-1}
spec: {country: DE, latitude: 50.1, longitude: 8.7, url: "https://eu.example.net"}
---
kind: Zone
metadata: {name: eu-central-1a}
spec: {region: eu-central-1}
---
kind: Scope
metadata: {name: eu}
spec: {include: [eu]}
---
kind: Org
metadata: {name: demo}
---
kind: Workspace
metadata: {name: eu, org: demo}
spec: {scopes: [eu]}
)";

// One control and its store; reopen() is what a restart does.
struct Stage {
  runtime::Shard& shard;
  std::unique_ptr<store::SqliteControlStore> store;
  std::unique_ptr<Control> control;
};

inline Task<void> reopen(Stage& stage, std::uint64_t epoch = 0) {
  stage.control.reset();
  auto opened = co_await Control::open(stage.shard, *stage.store, options_of("net", epoch));
  check(opened.has_value(), "control opens");
  stage.control = std::move(*opened);
}

inline Task<Applied> apply(Stage& stage, std::string text) {
  ApplyRequest request;
  request.source = "net.yaml";
  request.text = std::move(text);
  auto applied = co_await stage.control->apply(std::move(request));
  check(applied.has_value(), "control takes an apply");
  co_return std::move(*applied);
}

struct ControlStage : ::testing::Test {
  using Story = Task<void> (*)(Stage& stage);

  static void play(Story story, std::uint64_t store_bytes_max = 1 << 30) {
    virtual_time::Universe universe(1);
    auto& shard = universe.add_machine("control");
    store::SqliteControlStore::Options options;
    options.path = ":memory:";
    options.bytes_max = store_bytes_max;
    EXPECT_TRUE(universe.run(whole(shard, options, story), Duration::hours(1)));
  }

 private:
  static Task<void> whole(runtime::Shard& shard, store::SqliteControlStore::Options options,
                          Story story) {
    auto opened = co_await store::SqliteControlStore::open(shard, options);
    check(opened.has_value(), "a store in memory opens");
    Stage stage{shard, std::move(*opened), nullptr};
    co_await reopen(stage);
    co_await story(stage);
    co_await stage.store->close();
  }
};

// Control's documents verify.
inline seal::OpenedDocument open_sealed(const world::SealedDocument& document) {
  auto opened = seal::open_document(document.bytes, document.kind, root_key().verify_key(),
                                    virtual_time::first_day);
  check(opened.has_value(), "control's documents verify");
  return std::move(*opened);
}

// What a gateway says that holds all there is.
inline world::PollRequest poll_holding_all(const Control& control) {
  const auto target = control.target_for("gw-1");
  world::PollRequest request;
  request.gateway = "gw-1";
  request.zone = "eu-central-1a";
  if (target.world.version.number != 0) request.world = target.world;
  request.keyring = target.keyring;
  request.restrictions = target.restrictions;
  request.wait_ms = limits::poll_wait_ms.value;
  return request;
}

}  // namespace portolan::control::testing

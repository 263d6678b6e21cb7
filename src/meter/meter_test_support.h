#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "http/client.h"
#include "meter/run_meter.h"
#include "runtime/gate.h"
#include "seal/identity.h"
#include "virtual/universe.h"
#include "virtual/virtual_shard.h"
#include "wire/json_value.h"
#include "wire/usage_post.h"
#include "wire/usage_record.h"

// For tests: what gateways post, and a whole meter process on a virtual network.
namespace portolan::meter::testing {

using runtime::Task;
using seal::Identity;
using virtual_time::Universe;
using virtual_time::VirtualShard;

inline const Identity gateway_1{"net", Identity::Kind::gateway, "fra-a", "gw-1"};
inline const Identity control_1{"net", Identity::Kind::control, "", "control-1"};

inline wire::UsageSegment segment_of(const Identity& gateway, std::uint64_t epoch) {
  wire::UsageSegment segment;
  segment.network = gateway.network;
  segment.gateway = gateway.id;
  segment.epoch = epoch;
  return segment;
}

inline wire::UsageStart start_of(std::vector<wire::UsageStart::EpochEnd> earlier) {
  wire::UsageStart start;
  start.at = virtual_time::first_day;
  start.earlier = std::move(earlier);
  return start;
}

inline wire::UsageClose close_of(std::string request_id, std::uint64_t completion = 5) {
  wire::UsageClose close;
  close.request.request_id = std::move(request_id);
  close.request.trace_id = "trace";
  close.request.began = virtual_time::first_day;
  close.request.org = "demo";
  close.request.workspace = "eu";
  close.request.key_id = "key-1";
  close.request.model = "small";
  close.request.path = "/v1/chat/completions";
  close.request.entry_region = "fra";
  close.request.entry_zone = "fra-a";
  close.ended = virtual_time::first_day + Duration::seconds(1);
  close.outcome = wire::outcome_completed;
  close.status = 200;
  close.executor_region = "fra";
  close.executor_zone = "fra-a";
  close.counts = {.prompt = {10}, .completion = {completion}, .cached = {0}, .estimated = false};
  return close;
}

inline wire::UsageExec exec_of(std::string request_id, std::string zone = "fra-a") {
  wire::UsageExec exec;
  exec.request_id = std::move(request_id);
  exec.zone = std::move(zone);
  exec.outcome = wire::outcome_completed;
  return exec;
}

// A post with its head; records are added by what they say and their number.
struct Post {
  std::string bytes;

  explicit Post(const Identity& gateway = gateway_1, std::uint64_t epoch = 1) {
    wire::render_usage_record(bytes, segment_of(gateway, epoch), 0);
  }
  Post& add(std::uint64_t number, const wire::UsageBody& body) {
    wire::render_usage_record(bytes, body, number);
    return *this;
  }
};

inline constexpr std::uint16_t meter_port = 7402;

// A meter on a machine of its own, and a machine from which it is asked.
struct Stage {
  explicit Stage(std::string ledger)
      : meter(universe.add_machine("meter")),
        asker(universe.add_machine("asker")),
        options{.network = "net",
                .ledger = std::move(ledger),
                .tls = {.certificate = "spiffe://net/meter/meter-1",
                        .key = {},
                        .authority = {},
                        .require_peer = true},
                .listen = {"meter", meter_port}} {}

  Universe universe{1};
  VirtualShard& meter;
  VirtualShard& asker;
  RunOptions options;
};

inline Task<Result<http::Answer>> ask(Stage& stage, Identity who, std::string method,
                                      std::string target, std::string body) {
  const auto own = stage.asker.network().make_credentials(
      {.certificate = who.network.empty() ? std::string() : seal::render_identity(who),
       .key = {},
       .authority = {},
       .require_peer = true});
  http::Origin origin{{"meter", meter_port}, *own, {}, "spiffe://net/meter/meter-1"};
  http::Pool pool(stage.asker, std::move(origin));
  http::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  const Instant deadline = stage.asker.now() + Duration::seconds(30);
  auto answer = co_await http::fetch(pool, std::move(request), deadline);
  co_await pool.close();
  co_return answer;
}

inline Task<http::Answer> post(Stage& stage, Post given, Identity who = gateway_1) {
  auto answer = co_await ask(stage, std::move(who), "POST", std::string(wire::usage_post_path),
                             std::move(given.bytes));
  check(answer.has_value(), "the meter answers a post");
  co_return std::move(*answer);
}

inline Task<wire::Json> get(Stage& stage, std::string target) {
  auto answer = co_await ask(stage, control_1, "GET", std::move(target), {});
  check(answer.has_value() && answer->status == 200, "the meter answers control");
  auto json = wire::parse_json(answer->body);
  check(json.has_value(), "the meter answers with JSON");
  co_return std::move(*json);
}

using Story = Task<void> (*)(Stage& stage);

// A whole meter process while the story is told.
inline void play(Stage& stage, Story story) {
  auto whole = [](Stage& on, Story told) -> Task<void> {
    runtime::Event stop(on.meter);
    runtime::Gate running(on.meter, 1);
    auto run = [](Stage& at, runtime::Event& until) -> Task<void> {
      auto silent = [](const runtime::Address&) {};
      const Status ended = co_await run_meter(at.meter, at.options, silent, until);
      EXPECT_TRUE(ended) << ended.error().message;
    };
    check(running.start(run(on, stop)), "a new gate is open");
    co_await told(on);
    stop.notify_all();
    co_await running.drain();
  };
  EXPECT_TRUE(stage.universe.run(whole(stage, story), Duration::hours(1)));
}

inline std::uint64_t requests_in(const wire::Json& usage) {
  const auto& rows = *usage.find("rows")->as_array();
  return rows.empty() ? 0 : *rows.at(0).find("requests")->as_uint64();
}

}  // namespace portolan::meter::testing

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "runtime/wait.h"
#include "sim/chat_request.h"
#include "sim/network.h"
#include "sim/two_zones_test_support.h"
#include "sim/usage_read.h"
#include "virtual/virtual_shard.h"

// P6 on virtual time: control is dead while clients ask and gateways are
// restarted. There is no meter in it: what is shipped late is shown by
// usage_shipping_test.cc and tests/e2e/test_control_off.py.
namespace portolan::sim {
namespace {

using runtime::Task;

constexpr Duration a_minute = Duration::seconds(60);
constexpr std::size_t questions_between_restarts = 3;  // one a minute

// key_freshness of the workspace that asks. A day, as it is by default, in `make
// proof`: gateways probe their engines every second of it.
Duration freshness() {
  const bool whole_day = std::getenv("PORTOLAN_PROOF") != nullptr;
  return whole_day ? Duration::hours(24) : Duration::seconds(20 * 60);
}

std::string workspace_resource() {
  return fmt::format(
      "apiVersion: portolan/v1\nkind: Workspace\nmetadata: {{name: trusting, org: demo}}\n"
      "spec: {{scopes: [everywhere], labels: {{data-class: public}}, key_freshness: {:.0f}s}}\n",
      freshness().seconds());
}

engines::SimOptions engine_options() {
  engines::SimOptions options;
  options.echo = true;  // so that an answer can be told from another one's
  return options;
}

struct Day {
  explicit Day(Network& on) : network(on) {
    for (std::size_t zone = 0; zone < on.zone_count(); ++zone) {
      on.zone(zone).options.controls.resize(1);  // the other one has old documents
    }
  }

  Network& network;
  Status outcome = Fault{Code::cancelled, Retry::never, "not lived"};
  std::string key;
  std::size_t asked = 0;
  std::size_t whole = 0;        // answers
  std::size_t asked_again = 0;  // by another door, as an SDK does: a gateway had just died
  std::size_t restarts = 0;
  std::vector<std::string> failures;
  std::vector<std::string> too_late;  // what was answered when freshness was over
  Duration back{};                    // from control's start until both gateways serve
};

bool served(const Sighting& seen) {
  return seen.status == 200 && text_of(seen) == expected_text(seen.asked);
}

Task<Sighting> ask(Day& day, std::size_t door) {
  ChatRequest request;
  request.number = day.asked++;
  request.key = day.key;
  request.gateway = door;
  request.stream = request.number % 2 == 0;
  const runtime::Address address = day.network.zone(door).front_door;
  auto seen = co_await ask_chat(day.network.client(), address, std::move(request));
  if (served(seen)) ++day.whole;
  co_return seen;
}

Task<void> ask_and_insist(Day& day, std::size_t door) {
  auto seen = co_await ask(day, door);
  if (seen.status == 0) {
    ++day.asked_again;
    seen = co_await ask(day, 1 - door);
  }
  if (!served(seen)) {
    day.failures.push_back(std::to_string(seen.status) + " at gateway " + std::to_string(door) +
                           ": " + seen.body);
  }
}

// Killed and drained by turns; one question meets the gateway while it is away.
Task<void> restart(Day& day, std::size_t zone) {
  Process& gateway = *day.network.zone(zone).gateway;
  if (++day.restarts % 4 < 2) {
    co_await gateway.kill();
  } else {
    co_await gateway.stop();
  }
  co_await ask_and_insist(day, zone);
  gateway.start();
}

Task<Status> ask_until(Day& day, WallTime end) {
  auto& client = day.network.client();
  for (std::size_t round = 1; client.wall_now() < end; ++round) {
    co_await ask_and_insist(day, round % 2);
    if (round % questions_between_restarts == 0) {
      co_await restart(day, day.restarts % day.network.zone_count());
    }
    const Duration left = end - client.wall_now();
    const Duration pause = std::min(left, a_minute);
    CO_TRY_DO(co_await runtime::sleep_for(client, pause));
  }
  co_return Status{};
}

Task<Status> await_served(Day& day) {
  auto& client = day.network.client();
  const Instant began = client.now();
  for (std::size_t door = 0; door < day.network.zone_count();) {
    const auto seen = co_await ask(day, door);
    if (served(seen)) {
      ++door;
      continue;
    }
    CO_TRY_DO(co_await runtime::sleep_for(client, Duration::milliseconds(100)));
  }
  day.back = client.now() - began;
  co_return Status{};
}

Task<Status> live(Day& day) {
  auto& client = day.network.client();
  CO_TRY_DO(co_await day.network.bring_up());
  std::string workspace = workspace_resource();
  CO_TRY_DO(co_await day.network.admin().apply(std::move(workspace)));
  CO_TRY(const auto made, co_await day.network.admin().create_key("trusting"));
  day.key = made.text;
  CO_TRY_DO(co_await runtime::sleep_for(client, Duration::seconds(10)));
  co_await day.network.control().kill();
  // What control confirmed last was at most one poll ago.
  const WallTime off = client.wall_now();
  CO_TRY_DO(co_await ask_until(day, off + freshness() - a_minute));
  CO_TRY_DO(co_await runtime::sleep_for(client, a_minute * 2));
  for (std::size_t door = 0; door < day.network.zone_count(); ++door) {
    const auto seen = co_await ask(day, door);
    day.too_late.push_back(std::to_string(seen.status) + seen.body);
  }
  day.network.control().start();
  CO_TRY_DO(co_await await_served(day));
  co_return Status{};
}

Task<void> live_and_end(Day& day) {
  day.outcome = co_await live(day);
  co_await day.network.shut_down();
}

// Answers that the usage logs of both gateways have as whole.
std::size_t records_of_whole_answers(Network& network) {
  UsageRead read;
  for (std::size_t zone = 0; zone < network.zone_count(); ++zone) {
    read_usage(gateway_name(zone), network.zone(zone).gateway_machine->disk().files(), read);
  }
  std::size_t whole = 0;
  for (const auto& [id, closes] : read.closes) {
    EXPECT_EQ(closes.size(), 1u) << id;
    if (closes.front().outcome == wire::outcome_completed) ++whole;
  }
  return whole;
}

TEST(ControlOff, CostsNoRequestUntilKeyFreshnessIsOver) {
  Network network({.seed = 1, .atlas = two_zones(), .engine = engine_options()});
  Day day(network);
  ASSERT_TRUE(network.universe().run(live_and_end(day), freshness() + Duration::hours(1)));
  ASSERT_TRUE(day.outcome) << day.outcome.error().message;
  EXPECT_GE(day.restarts, 6u);
  EXPECT_GT(day.asked_again, 0u) << "some met a gateway that was away";
  EXPECT_TRUE(day.failures.empty()) << day.failures.size() << ", the first: " << day.failures[0];
  for (const std::string& answer : day.too_late) {
    EXPECT_TRUE(answer.starts_with("401")) << answer;
    EXPECT_NE(answer.find("key_freshness"), answer.npos) << answer;
  }
  EXPECT_LE(day.back, Duration::seconds(6)) << "all serve soon after control is back";
  EXPECT_EQ(records_of_whole_answers(network), day.whole);
  std::printf(
      "figure: control off for %.1f h: %zu requests, %zu restarts of gateways, %zu failed; "
      "%.1f s after control's start all serve again\n",
      freshness().seconds() / 3600, day.asked, day.restarts, day.failures.size(),
      day.back.seconds());
}

}  // namespace
}  // namespace portolan::sim

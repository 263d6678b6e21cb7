#include "control/front_door_probe.h"

#include <gtest/gtest.h>

#include "control/front_door_test_support.h"
#include "control/opening_limits.h"
#include "runtime/combine.h"
#include "virtual/universe.h"
#include "virtual/virtual_shard.h"
#include "wire/json_value.h"

namespace portolan::control {
namespace {

using namespace testing;
using runtime::Task;
using Ending = Manner::Ending;

// Who asks, and a door on another machine.
struct Stage {
  runtime::Shard& shard;
  FrontDoor& door;
};
using Story = Task<void> (*)(Stage& stage);

Task<void> tell(virtual_time::VirtualShard& asker, virtual_time::VirtualShard& machine,
                Story story) {
  FrontDoor door(machine, {"door", 80});
  Stage stage{asker, door};
  co_await story(stage);
  co_await door.close();
}

void play(Story story) {
  virtual_time::Universe universe(1);
  auto& asker = universe.add_machine("control");
  auto& machine = universe.add_machine("door");
  EXPECT_TRUE(universe.run(tell(asker, machine, story), Duration::hours(2)));
}

FrontDoorQuestion question(bool streamed) {
  return {.door = "http://door",
          .gateway = "gw-1",
          .zone = "eu-central-1a",
          .model = "small",
          .streamed = streamed,
          .key = "ptl_of_a_test"};
}

Task<FrontDoorProbe> ask(Stage& stage, FrontDoorQuestion asked) {
  auto asking = probe_front_door(stage.shard, nullptr, std::move(asked));
  auto probe = co_await std::move(asking);
  co_return probe;
}

Task<FrontDoorProbe> ask(Stage& stage, Manner manner, bool streamed) {
  stage.door.manner = std::move(manner);
  auto probe = co_await ask(stage, question(streamed));
  co_return probe;
}

TEST(FrontDoorProbe, ADoorThatIsClosedIsTold) {
  play([](Stage& stage) -> Task<void> {
    auto elsewhere = question(false);
    elsewhere.door = "http://door:81";
    const auto closed = co_await ask(stage, std::move(elsewhere));
    EXPECT_EQ(closed.status, 0u);
    EXPECT_NE(closed.why, "");
    EXPECT_FALSE(closed.whole);
    auto nowhere = question(false);
    nowhere.door = "ftp://door";
    const auto unread = co_await ask(stage, std::move(nowhere));
    EXPECT_NE(unread.why.find("URL"), std::string::npos) << unread.why;
    auto unverified = question(false);
    unverified.door = "https://door:80";
    const auto refused = co_await ask(stage, std::move(unverified));
    EXPECT_NE(refused.why.find("certificate"), std::string::npos) << refused.why;
    EXPECT_TRUE(stage.door.asked.empty());
  });
}

TEST(FrontDoorProbe, WhatHangsEndsInTime) {
  play([](Stage& stage) -> Task<void> {
    for (const auto& manner :
         {Manner{.body = {}, .silent = true}, Manner{.body = "{", .ending = Ending::hangs}}) {
      const Instant began = stage.shard.now();
      auto given = manner;
      const auto probe = co_await ask(stage, std::move(given), false);
      EXPECT_LE(stage.shard.now() - began,
                opening_probe_ms_max.milliseconds() + Duration::seconds(1));
      EXPECT_FALSE(probe.whole);
      EXPECT_EQ(probe.status, manner.silent ? 0u : 200u);
      EXPECT_NE(probe.why.find("30000 ms"), std::string::npos) << probe.why;
    }
  });
}

TEST(FrontDoorProbe, NoMoreIsReadThanALimitAllows) {
  play([](Stage& stage) -> Task<void> {
    Manner endless{.body = std::string(10'000, ' '), .ending = Ending::never_ends};
    const auto probe = co_await ask(stage, std::move(endless), true);
    EXPECT_FALSE(probe.whole);
    EXPECT_NE(probe.why.find("more than 262144 bytes"), std::string::npos) << probe.why;
    EXPECT_EQ(probe.status, 200u);
  });
}

TEST(FrontDoorProbe, AnAnswerThatBreaksOffIsNotWhole) {
  play([](Stage& stage) -> Task<void> {
    for (const bool streamed : {false, true}) {
      const auto& answer = streamed ? streamed_answer : whole_answer;
      Manner torn{.body = answer.substr(0, answer.size() / 2), .ending = Ending::breaks_off};
      const auto probe = co_await ask(stage, std::move(torn), streamed);
      EXPECT_FALSE(probe.whole) << streamed;
      EXPECT_EQ(probe.status, 200u);
      EXPECT_EQ(probe.request_id, "gw-1-1-" + std::to_string(stage.door.asked.size()));
      EXPECT_NE(probe.why.find("broke off"), std::string::npos) << probe.why;
    }
  });
}

// Streamed or not, and what comes with status 200.
constexpr auto no_answers = std::to_array<std::pair<bool, const char*>>({
    {false, ""},
    {false, "<html>"},
    {false, "{\"choices\":[]}"},
    {false, "{\"choices\":7}"},
    {false, "data: [DONE]\n\n"},
    {true, ""},
    {true, "data: [DONE]\n\n"},
    {true, "data: {\"choices\":[{}]}\n\n"},
    {true, "data: {\"choices\":[{}]\n\ndata: [DONE]\n\n"},
    {true, "{\"choices\":[{}]}"},
});

TEST(FrontDoorProbe, WhatIsNoAnswerIsNotWhole) {
  play([](Stage& stage) -> Task<void> {
    for (const auto& [streamed, body] : no_answers) {
      Manner manner{.body = body};
      const auto probe = co_await ask(stage, std::move(manner), streamed);
      EXPECT_FALSE(probe.whole) << body;
      EXPECT_NE(probe.why, "") << body;
      EXPECT_EQ(probe.status, 200u);
    }
  });
}

TEST(FrontDoorProbe, AnErrorInAStreamIsTold) {
  play([](Stage& stage) -> Task<void> {
    Manner failing{.body =
                       "data: {\"choices\":[{}]}\n\ndata: {\"error\":{\"code\":"
                       "\"engine_failed\",\"message\":\"The engine was lost.\"}}\n\n",
                   .ending = Ending::breaks_off};
    const auto broken = co_await ask(stage, failing, true);
    EXPECT_FALSE(broken.whole);
    failing.ending = Ending::finishes;
    const auto told = co_await ask(stage, failing, true);
    EXPECT_FALSE(told.whole);
    EXPECT_EQ(told.code, "engine_failed");
    EXPECT_EQ(told.why, "The engine was lost.");
  });
}

TEST(FrontDoorProbe, ARefusalIsKnownByItsCode) {
  play([](Stage& stage) -> Task<void> {
    for (const bool streamed : {false, true}) {
      Manner refusing{.status = 403,
                      .body = R"({"error":{"code":"scope_denied","message":"No."}})"};
      const auto refused = co_await ask(stage, std::move(refusing), streamed);
      EXPECT_EQ(refused.status, 403u);
      EXPECT_EQ(refused.code, "scope_denied");
      EXPECT_EQ(refused.why, "");
      EXPECT_FALSE(refused.whole);
    }
    Manner proxy{.status = 502, .body = "<html>bad gateway</html>"};
    const auto other = co_await ask(stage, std::move(proxy), false);
    EXPECT_EQ(other.status, 502u);
    EXPECT_NE(other.why.find("502"), std::string::npos) << other.why;
    Manner lying{.status = 503, .body = whole_answer};
    const auto lie = co_await ask(stage, std::move(lying), false);
    EXPECT_FALSE(lie.whole);
  });
}

TEST(FrontDoorProbe, AnAnswerWithoutUsageIsWholeAndHasNone) {
  play([](Stage& stage) -> Task<void> {
    Manner bare{.body =
                    R"({"choices":[{"message":{"content":"salt"}}],"usage":{"prompt_tokens":-1}})"};
    const auto probe = co_await ask(stage, std::move(bare), false);
    EXPECT_TRUE(probe.whole) << probe.why;
    EXPECT_EQ(probe.prompt_tokens, std::nullopt);
    EXPECT_EQ(probe.completion_tokens, std::nullopt);
  });
}

TEST(FrontDoorProbe, TellsOfAWholeAnswerWhatItSays) {
  play([](Stage& stage) -> Task<void> {
    for (const bool streamed : {false, true}) {
      Manner manner{.body = streamed ? streamed_answer : whole_answer};
      const auto probe = co_await ask(stage, std::move(manner), streamed);
      const FrontDoorProbe wanted{.door = "http://door",
                                  .gateway = "gw-1",
                                  .zone = "eu-central-1a",
                                  .model = "small",
                                  .streamed = streamed,
                                  .status = 200,
                                  .request_id = streamed ? "gw-1-1-2" : "gw-1-1-1",
                                  .computed_in = "eu-central-1a",
                                  .whole = true,
                                  .prompt_tokens = 11,
                                  .completion_tokens = 3};
      EXPECT_EQ(probe, wanted) << probe.why;
    }
  });
}

TEST(FrontDoorProbe, AsksWhatItIsTold) {
  play([](Stage& stage) -> Task<void> {
    auto asked = question(true);
    asked.door = "http://door/eu/v1";
    asked.scope = "elsewhere";
    asked.only = {"eu-central-1a"};
    co_await ask(stage, std::move(asked));
    const auto& seen = stage.door.asked.at(0);
    EXPECT_EQ(seen.path, "/eu/v1/chat/completions");
    EXPECT_EQ(seen.key, "Bearer ptl_of_a_test");
    EXPECT_EQ(seen.scope, "elsewhere");
    const auto body = *wire::parse_json(seen.body);
    EXPECT_EQ(*body.find("model")->as_string(), "small");
    EXPECT_EQ(*body.find("stream")->as_bool(), true);
    EXPECT_EQ(*body.find("stream_options")->find("include_usage")->as_bool(), true);
    EXPECT_EQ(body.find("max_tokens")->as_uint64(), opening_probe_tokens.value);
    EXPECT_EQ(*body.find("portolan")->find("only")->as_array()->at(0).as_string(), "eu-central-1a");
    co_await ask(stage, question(false));
    const auto plain = *wire::parse_json(stage.door.asked.at(1).body);
    EXPECT_EQ(stage.door.asked.at(1).path, "/v1/chat/completions");
    EXPECT_EQ(plain.find("portolan"), nullptr);
    EXPECT_EQ(plain.find("stream_options"), nullptr);
  });
}

TEST(FrontDoorProbe, EndsWithWhoeverAsked) {
  play([](Stage& stage) -> Task<void> {
    stage.door.manner.silent = true;
    const Instant soon = stage.shard.now() + Duration::seconds(1);
    auto waiting = [](Stage& on) -> Task<Result<FrontDoorProbe>> {
      auto probe = co_await ask(on, question(false));
      co_return probe;
    };
    const auto probe = co_await runtime::until(stage.shard, soon, waiting(stage));
    EXPECT_EQ(stage.shard.now(), soon);
    EXPECT_NE(probe->why, "");
  });
}

}  // namespace
}  // namespace portolan::control

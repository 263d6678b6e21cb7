#include <gtest/gtest.h>

#include <algorithm>

#include "control/inspect_client.h"
#include "runtime/combine.h"
#include "runtime/gate.h"
#include "runtime/wait.h"
#include "seal/identity.h"
#include "sim/network.h"
#include "sim/scripted_engine_test_support.h"
#include "sim/two_zones_test_support.h"
#include "virtual/virtual_shard.h"

namespace portolan::sim {
namespace {

using control::Inspected;
using runtime::Task;
using seal::Identity;

struct Story {
  explicit Story(Network& on) : network(on) {}

  engines::SimState& engine() { return network.zone(0).sim->engines().front()->state(); }
  virtual_time::VirtualShard& client() { return network.client(); }

  Network& network;
};

using Plot = Task<Status> (*)(Story& story);

Task<void> tell_whole(Story& story, Plot plot, Status& outcome) {
  outcome = co_await story.network.bring_up();
  if (outcome) outcome = co_await runtime::sleep_for(story.client(), Duration::seconds(5));
  if (outcome) outcome = co_await plot(story);
  co_await story.network.shut_down();
}

void play(Plot plot) {
  engines::SimOptions engine;
  engine.model = "chat";
  engine.slots = 16;
  Network network({.seed = 1, .atlas = two_zones(), .engine = engine});
  Story story(network);
  Status outcome = Fault{Code::cancelled, Retry::never, "not told"};
  ASSERT_TRUE(network.universe().run(tell_whole(story, plot, outcome), Duration::hours(1)));
  EXPECT_TRUE(outcome) << outcome.error().message;
}

world::InspectionRequest question() {
  return {.peers = {"gateway-a", "gateway-b", "gateway-x"},
          .models = {"chat", "nobody-has-this"},
          .prompts = {{.name = "tide",
                       .messages = {{"user", "When is the tide high in Antofagasta?"}},
                       .max_tokens = Tokens{12},
                       .seed = 3}},
          .within = Duration::seconds(40)};
}

Task<Result<Inspected>> inspect_as(Story& story, Identity identity,
                                   world::InspectionRequest request) {
  runtime::TlsMaterial material;
  material.certificate = seal::render_identity(identity);
  auto own = story.client().network().make_credentials(material);
  control::InspectClient client(story.client(), std::move(*own));
  control::InspectedGateway gateway{
      story.network.zone(0).options.hop,
      seal::render_identity({"net", Identity::Kind::gateway, "zone-a", "gateway-a"})};
  auto inspected = co_await client.inspect(std::move(gateway), std::move(request));
  co_return inspected;
}

Task<Result<Inspected>> inspect(Story& story) {
  Identity identity{"net", Identity::Kind::control, "", "control-1"};
  auto request = question();
  auto inspected = co_await inspect_as(story, std::move(identity), std::move(request));
  co_return inspected;
}

// The one engine of the zone, as it was found.
Task<Result<world::EngineInspection>> inspect_engine(Story& story) {
  CO_TRY(auto inspected, co_await inspect(story));
  check(inspected.said.engines.size() == 1, "the zone has one engine");
  co_return std::move(inspected.said.engines.front());
}

bool works(const world::EngineInspection& engine, std::string_view feature) {
  const auto found = std::ranges::find(engine.features, feature, &world::FeatureTried::name);
  return found != engine.features.end() && found->works;
}

TEST(Inspection, NobodyButAControlOfTheNetworkIsAnswered) {
  play([](Story& story) -> Task<Status> {
    for (const Identity& who : {Identity{"net", Identity::Kind::gateway, "zone-b", "gateway-b"},
                                Identity{"net", Identity::Kind::meter, "", "meter-1"},
                                Identity{"other", Identity::Kind::control, "", "control-1"}}) {
      auto identity = who;
      auto request = question();
      const auto refused = co_await inspect_as(story, std::move(identity), std::move(request));
      EXPECT_EQ(refused.error().code, Code::untrusted_peer);
    }
    EXPECT_EQ(story.engine().executions.total().started, 0u);
    co_return Status{};
  });
}

TEST(Inspection, MoreThanALimitAllowsIsRefused) {
  play([](Story& story) -> Task<Status> {
    Identity identity{"net", Identity::Kind::control, "", "control-1"};
    auto request = question();
    request.prompts.resize(world::inspect_prompts_max.count() + 1, request.prompts.front());
    const auto refused = co_await inspect_as(story, std::move(identity), std::move(request));
    EXPECT_EQ(refused.error().code, Code::limit_exceeded);
    co_return Status{};
  });
}

TEST(Inspection, AnEngineThatHangsEndsWithTheTimeThatThereIs) {
  play([](Story& story) -> Task<Status> {
    story.engine().faults.add({.kind = engines::FaultOrder::Kind::hang, .count = 1}, Instant());
    const Instant before = story.client().now();
    CO_TRY(const auto engine, co_await inspect_engine(story));
    EXPECT_LT(story.client().now() - before, Duration::seconds(41));
    EXPECT_EQ(engine.slots, 16u) << "what it said before stays";
    EXPECT_FALSE(works(engine, "chat"));
    EXPECT_TRUE(engine.probes.empty());
    EXPECT_NE(engine.why.find("/v1/chat/completions"), std::string::npos) << engine.why;
    co_return Status{};
  });
}

TEST(Inspection, AnEngineThatFailsOnceIsAskedOn) {
  play([](Story& story) -> Task<Status> {
    story.engine().faults.add({.kind = engines::FaultOrder::Kind::status, .count = 2}, Instant());
    CO_TRY(const auto engine, co_await inspect_engine(story));
    EXPECT_FALSE(works(engine, "chat"));
    EXPECT_FALSE(works(engine, "completions"));
    EXPECT_TRUE(works(engine, "stream"));
    EXPECT_EQ(engine.probes.front().completion_tokens, Tokens{12});
    co_return Status{};
  });
}

Task<void> kill_engine_soon(Story& story) {
  const Status slept = co_await runtime::sleep_for(story.client(), Duration::milliseconds(400));
  check(slept.has_value(), "time passes");
  co_await story.network.zone(0).engine->kill();
}

TEST(Inspection, OfAnEngineThatDiesMidwayStaysWhatItSaid) {
  play([](Story& story) -> Task<Status> {
    story.engine().options.tpot = Duration::milliseconds(100);
    runtime::Gate beside(story.client(), 1);
    beside.start(kill_engine_soon(story));
    const auto engine = co_await inspect_engine(story);
    co_await beside.drain();
    EXPECT_TRUE(engine);
    if (!engine) co_return engine.error();
    EXPECT_EQ(engine->probes.size(), 1u);
    EXPECT_FALSE(engine->probes.front().why.empty() && engine->why.empty());
    EXPECT_EQ(engine->probes.front().text_sha256, "") << "no answer is told for it";
    EXPECT_EQ(engine->slots, 16u);
    EXPECT_TRUE(works(*engine, "chat"));
    story.network.start_missing();
    co_return Status{};
  });
}

Task<bool> leave_early(Story& story) {
  auto inspecting = inspect(story);
  const Instant soon = story.client().now() + Duration::milliseconds(300);
  const auto left = co_await runtime::until(story.client(), soon, std::move(inspecting));
  co_return !left.has_value();
}

TEST(Inspection, EndsWithWhoeverAsked) {
  play([](Story& story) -> Task<Status> {
    story.engine().options.tpot = Duration::seconds(1);
    const bool left = co_await leave_early(story);
    EXPECT_TRUE(left);
    CO_TRY_DO(co_await runtime::sleep_for(story.client(), Duration::seconds(3)));
    EXPECT_EQ(story.engine().slots.busy(), 0u);
    story.engine().options.tpot = Duration::milliseconds(1);
    const auto again = co_await inspect_engine(story);
    EXPECT_TRUE(again && again->why.empty()) << "nobody holds the engine's turn";
    co_return Status{};
  });
}

// What stands in the engine's place answers so, whatever it is asked.
Task<Status> inspect_scripted(Story& story, std::string body, int status) {
  co_await story.network.zone(0).engine->stop();
  ScriptedEngine engine(*story.network.zone(0).engine_machine, {"engine-a", 9000});
  engine.answer(status, body);
  CO_TRY_DO(co_await runtime::sleep_for(story.client(), Duration::seconds(3)));
  const auto found = co_await inspect_engine(story);
  co_await engine.close();
  EXPECT_TRUE(found);
  if (!found) co_return found.error();
  EXPECT_TRUE(found->healthy);
  EXPECT_EQ(found->context, std::nullopt);
  EXPECT_EQ(found->slots, std::nullopt);
  EXPECT_EQ(found->served_as_known, std::nullopt);
  EXPECT_EQ(found->template_sha256, "");
  EXPECT_EQ(found->weights, world::WeightsSaid{});
  EXPECT_FALSE(found->why.empty());
  EXPECT_FALSE(works(*found, "chat"));
  EXPECT_FALSE(works(*found, "stream"));
  EXPECT_EQ(found->probes.front().text_sha256, "");
  story.network.start_missing();
  co_return Status{};
}

TEST(Inspection, BrokenBodiesAreNoFacts) {
  play([](Story& story) -> Task<Status> {
    std::string body = "{\"data\":[{\"id\":";
    auto told = co_await inspect_scripted(story, std::move(body), 200);
    co_return told;
  });
}

TEST(Inspection, HugeBodiesAreNoFacts) {
  play([](Story& story) -> Task<Status> {
    std::string body = "{\"data\":[],\"chat_template\":\"" + std::string(2'000'000, 'x') + "\"}";
    auto told = co_await inspect_scripted(story, std::move(body), 200);
    co_return told;
  });
}

TEST(Inspection, AnEngineThatKnowsNoSuchPlaceSaysNothing) {
  play([](Story& story) -> Task<Status> {
    std::string body = "{\"error\":{\"code\":404}}";
    auto told = co_await inspect_scripted(story, std::move(body), 404);
    co_return told;
  });
}

TEST(Inspection, TellsWhatTheEngineIs) {
  play([](Story& story) -> Task<Status> {
    CO_TRY(const auto engine, co_await inspect_engine(story));
    EXPECT_EQ(engine.deployment, "chat.zone-a");
    EXPECT_EQ(engine.why, "");
    EXPECT_TRUE(engine.healthy);
    EXPECT_EQ(engine.served_as_known, true);
    EXPECT_EQ(engine.context, Tokens{8192});
    EXPECT_EQ(engine.slots, 16u);
    EXPECT_EQ(engine.template_sha256.size(), 64u);
    EXPECT_EQ(engine.tokenizer_sha256.size(), 64u);
    for (const auto& feature : engine.features) EXPECT_TRUE(feature.works) << feature.name;
    EXPECT_EQ(engine.features.size(), 4u);
    const auto& probe = engine.probes.front();
    EXPECT_EQ(probe.why, "");
    EXPECT_EQ(probe.tokens_by_template, probe.prompt_tokens);
    EXPECT_EQ(probe.completion_tokens, Tokens{12});
    EXPECT_EQ(probe.completion_tokens_counted, Tokens{12});
    EXPECT_EQ(probe.streamed_completion_tokens, Tokens{12});
    EXPECT_EQ(probe.streamed_the_same, true);
    EXPECT_EQ(probe.finish_reason, "length");
    EXPECT_EQ(story.engine().slots.busy(), 0u);
    co_return Status{};
  });
}

TEST(Inspection, TellsWhomTheGatewayReaches) {
  play([](Story& story) -> Task<Status> {
    story.network.universe().links().slow_down({"gateway-a", "gateway-b"},
                                               Duration::milliseconds(80));
    CO_TRY(const auto inspected, co_await inspect(story));
    EXPECT_EQ(inspected.said.gateway, "gateway-a");
    EXPECT_EQ(inspected.said.zone, "zone-a");
    EXPECT_EQ(inspected.said.world->hash, story.network.first_world());
    const auto& peers = inspected.said.peers;
    EXPECT_EQ(peers.size(), 3u);
    EXPECT_TRUE(peers.at(1).reached) << peers.at(1).why;
    EXPECT_LT(peers.at(0).round_trip, Duration::milliseconds(10));
    EXPECT_GT(peers.at(1).round_trip, Duration::milliseconds(80));
    EXPECT_LT(peers.at(1).round_trip, Duration::milliseconds(90));
    EXPECT_FALSE(peers.at(2).reached);
    EXPECT_NE(peers.at(2).why, "");
    EXPECT_LE(inspected.clock_ahead, inspected.clock_doubt);
    EXPECT_GE(inspected.clock_ahead, Duration() - inspected.clock_doubt);
    co_return Status{};
  });
}

TEST(Inspection, ShowsEachOddTraitAndNoOther) {
  play([](Story& story) -> Task<Status> {
    CO_TRY(const auto usual, co_await inspect_engine(story));
    const auto inspect_with = [&story](engines::SimTraits traits) {
      story.engine().set_up(traits);
      return inspect_engine(story);
    };
    auto asking = inspect_with({.other_weights = true});
    CO_TRY(const auto weights, co_await std::move(asking));
    EXPECT_NE(weights.probes.front().text_sha256, usual.probes.front().text_sha256);
    EXPECT_EQ(weights.probes.front().prompt_tokens, usual.probes.front().prompt_tokens);
    auto again = inspect_with({.other_template = true});
    CO_TRY(const auto other, co_await std::move(again));
    EXPECT_NE(other.template_sha256, usual.template_sha256);
    EXPECT_GT(other.probes.front().tokens_by_template, usual.probes.front().tokens_by_template);
    EXPECT_EQ(other.tokenizer_sha256, usual.tokenizer_sha256);
    auto third = inspect_with({.other_tokenizer = true, .unknown_name = true, .context = 512});
    CO_TRY(const auto cut, co_await std::move(third));
    EXPECT_NE(cut.tokenizer_sha256, usual.tokenizer_sha256);
    EXPECT_EQ(cut.template_sha256, usual.template_sha256);
    EXPECT_EQ(cut.served_as_known, false);
    EXPECT_EQ(cut.context, Tokens{512});
    auto last = inspect_with({.miscounts = true, .no_stream_usage = true, .slots = 2});
    CO_TRY(const auto counts, co_await std::move(last));
    EXPECT_EQ(counts.probes.front().completion_tokens, Tokens{24});
    EXPECT_EQ(counts.probes.front().completion_tokens_counted, Tokens{12});
    EXPECT_FALSE(works(counts, "stream_usage"));
    EXPECT_EQ(counts.slots, 2u);
    co_return Status{};
  });
}

}  // namespace
}  // namespace portolan::sim

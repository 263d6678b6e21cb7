#include "control/opening_gate.h"

#include <set>

#include "sim/opening_stage_test_support.h"

// What the gates make of what gateways, engines, front doors and the ledger really say.
namespace portolan::sim {
namespace {

using namespace testing;
using control::OpeningFacts;
using engines::SimTraits;
using model::Gate;

using Gates = std::set<std::string_view>;

std::string text_of(const control::GateVerdict& verdict) {
  std::string text;
  for (const auto& finding : verdict.findings) {
    text += fmt::format("{}: {}\n", finding.subject, finding.sentence);
  }
  return text;
}

// Neighbours carry what the place is said to do, not all that its engines could.
Task<Result<OpeningFacts>> look_for_all(OpeningStage& stage) {
  std::vector<Gate> gates;
  for (std::size_t i = 0; i < model::gate_names.size(); ++i) gates.push_back(static_cast<Gate>(i));
  auto facts = co_await look_for(stage, std::move(gates));
  if (facts) facts->opening.load = 8;
  co_return facts;
}

// But for certificates: a network in virtual time has no TLS, and none is shown.
Gates red_of(const OpeningFacts& facts) {
  Gates red;
  for (std::size_t i = 0; i < model::gate_names.size(); ++i) {
    const auto gate = static_cast<Gate>(i);
    if (gate != Gate::certificates && !control::judge(gate, facts).findings.empty()) {
      red.insert(model::name_of(gate));
    }
  }
  return red;
}

void expect_found(const OpeningFacts& facts, Gate gate, std::string_view subject,
                  std::string_view sentence) {
  const auto verdict = control::judge(gate, facts);
  bool found = false;
  for (const auto& finding : verdict.findings) {
    found = found || (finding.subject == subject && finding.sentence.contains(sentence));
  }
  EXPECT_TRUE(found) << "not '" << sentence << "' of " << subject << " but\n" << text_of(verdict);
}

TEST(OpeningGates, ASoundRegionIsGreen) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    CO_TRY(auto facts, co_await look_for_all(stage));
    EXPECT_EQ(red_of(facts), Gates());
    EXPECT_EQ(control::judge(Gate::certificates, facts).findings.size(), 2u);
    facts.opening.load = 0;
    EXPECT_EQ(red_of(facts), Gates{"neighbours"}) << "a zone can not do what two can";
    co_return Status{};
  });
}

TEST(OpeningGates, ASoundZoneOfARegionThatServesIsGreen) {
  play(zone_to_open, [](OpeningStage& stage) -> Task<Status> {
    CO_TRY(const auto facts, co_await look_for_all(stage));
    EXPECT_EQ(red_of(facts), Gates());
    co_return Status{};
  });
}

struct OddEngine {
  SimTraits traits;
  std::string_view sentence;
};

TEST(OpeningGates, AnEngineThatIsSetUpOtherwiseIsFoundByEnginesAlone) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    const std::vector<OddEngine> odd = {
        {{.other_weights = true}, "Its output of "},
        {{.other_template = true}, "Its template is '"},
        {{.other_tokenizer = true}, "Its tokenizer is '"},
        {{.miscounts = true}, "tokens of an answer where its own tokenizer finds"},
        {{.unknown_name = true}, "does not have 'chat'"},
        {{.context = 512}, "a context of 512 tokens a request, where model chat has 4096"},
        {{.slots = 2}, "computes 2 requests at once, where deployment chat.zone-a says 16"},
    };
    for (const auto& [traits, sentence] : odd) {
      stage.engine(0).set_up(traits);
      CO_TRY(const auto facts, co_await look_for_all(stage));
      expect_found(facts, Gate::engines, "engine http://engine-a:9000 in zone-a", sentence);
      EXPECT_EQ(red_of(facts), Gates{"engines"}) << sentence;
    }
    stage.engine(0).set_up({});
    CO_TRY(const auto facts, co_await look_for_all(stage));
    EXPECT_EQ(red_of(facts), Gates());
    co_return Status{};
  });
}

TEST(OpeningGates, StreamsWithoutUsageAreFoundWhereTheyAreTriedAndWhereTheyAreBilled) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    stage.engine(0).set_up({.no_stream_usage = true});
    CO_TRY(const auto facts, co_await look_for_all(stage));
    EXPECT_EQ(red_of(facts), (Gates{"engines", "probes"}));
    expect_found(facts, Gate::engines, "engine http://engine-a:9000 in zone-a",
                 "'stream_usage' does not work");
    expect_found(facts, Gate::probes, "model chat at http://gateway-a:8000, streamed",
                 "has no usage");
    co_return Status{};
  });
}

TEST(OpeningGates, AClockThatIsOffByTwoSecondsIsFoundByClocksAlone) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    stage.sites[1]->gateway_machine->set_clock_error(Duration::seconds(2));
    CO_TRY(const auto facts, co_await look_for_all(stage));
    EXPECT_EQ(red_of(facts), Gates{"clocks"});
    expect_found(facts, Gate::clocks, "gateway gateway-b in zone-b", "2.000 s ahead of control's");
    co_return Status{};
  });
}

TEST(OpeningGates, ARuleThatIsForgottenIsFoundByRefusalsAlone) {
  play(open_region, [](OpeningStage& stage) -> Task<Status> {
    CO_TRY(const auto facts, co_await look_for_all(stage));
    EXPECT_EQ(red_of(facts), Gates{"refusals"});
    expect_found(facts, Gate::refusals, "data that no rule lets in at http://gateway-a:8000",
                 "answered with 200, computed in 'zone-");
    co_return Status{};
  });
}

TEST(OpeningGates, ALedgerThatGetsNothingIsFoundByProbesAlone) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    co_await stage.meter->kill();
    CO_TRY(const auto facts, co_await look_for_all(stage));
    EXPECT_EQ(red_of(facts), Gates{"probes"});
    co_return Status{};
  });
}

TEST(OpeningGates, AZoneWhoseEnginesAreDeadIsNoHelpWhenTheOtherOneIsLost) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    co_await stage.sites[1]->engine->kill();
    CO_TRY_DO(co_await stage.pass(Duration::seconds(10)));
    CO_TRY(const auto facts, co_await look_for_all(stage));
    EXPECT_EQ(red_of(facts), (Gates{"engines", "loss"}));
    expect_found(facts, Gate::engines, "engine http://engine-b:9000 in zone-b", "down by");
    expect_found(facts, Gate::loss, "model chat at http://gateway-b:8000 with zone zone-a lost",
                 "not answered");
    co_return Status{};
  });
}

TEST(OpeningGates, AGatewayThatIsDeadIsMissedByAllThatAskIt) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    co_await stage.sites[0]->gateway->kill();
    CO_TRY_DO(co_await stage.pass(Duration::seconds(20)));
    CO_TRY(const auto facts, co_await look_for_all(stage));
    const auto red = red_of(facts);
    for (const auto name : {"reach", "clocks", "engines", "keys", "probes", "refusals", "loss"}) {
      EXPECT_TRUE(red.contains(name)) << name;
    }
    expect_found(facts, Gate::reach, "gateway gateway-a in zone-a", "not reached from zone zone-c");
    co_return Status{};
  });
}

}  // namespace
}  // namespace portolan::sim

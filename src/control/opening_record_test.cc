#include "control/opening_record.h"

#include <gtest/gtest.h>

namespace portolan::control {
namespace {

constexpr WallTime day{1'700'000'000'000'000'000};

OpeningRecord whole_record() {
  model::Opening opening;
  opening.name = "mexico";
  opening.skip = {{"clocks", "no time server there"}};
  OpeningRecord record{.name = "mexico",
                       .region = "mx-1",
                       .zone = "",
                       .phase = OpeningPhase::sharing,
                       .why = "",
                       .by = "admin 4711",
                       .began = day,
                       .changed = day + Duration::seconds(90),
                       .world = 7,
                       .closing = false,
                       .gates = gates_to_ask(opening),
                       .shares = {}};
  record.gates[0].state = GateState::red;
  record.gates[0].tries = 3;
  record.gates[0].since = day;
  record.gates[0].asked = day + Duration::seconds(10);
  record.gates[0].verdict = {{{"gateway g-1 in mx-1a", "It cannot be reached."}},
                             {"2 gateways were asked."}};
  record.shares = {{1, day, day + Duration::seconds(60), 25, 0, 1, "25 requests went well."},
                   {10, day + Duration::seconds(60), std::nullopt, 3, 0, 0, ""}};
  return record;
}

std::string with(std::string_view member, wire::Json value) {
  auto json = opening_json(whole_record());
  json.set(std::string(member), std::move(value));
  return wire::render_canonical(json);
}

TEST(OpeningRecord, WhatIsTornIsRefusedAtEveryByte) {
  const auto text = render_opening(whole_record());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_opening(text.substr(0, size)));
  }
}

TEST(OpeningRecord, WhatANewerProgramWroteIsRefusedAsThat) {
  const auto parsed = parse_opening(with("major", 2));
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Code::unsupported_version);
}

TEST(OpeningRecord, WhatHasAnotherFormIsRefusedByItsMember) {
  for (const auto& [member, value] :
       std::initializer_list<std::pair<const char*, wire::Json>>{{"kind", "golden-run"},
                                                                 {"phase", "flying"},
                                                                 {"began", "yesterday"},
                                                                 {"changed", nullptr},
                                                                 {"world", "seven"},
                                                                 {"closing", 1},
                                                                 {"gates", wire::Json::array()},
                                                                 {"shares", nullptr},
                                                                 {"shares", wire::Json::array()}}) {
    const auto parsed = parse_opening(with(member, value));
    ASSERT_FALSE(parsed) << member;
    EXPECT_EQ(parsed.error().code, Code::malformed_peer) << member;
  }
}

TEST(OpeningRecord, WhatIsWrittenReadsBack) {
  const auto parsed = parse_opening(render_opening(whole_record()));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, whole_record());
}

TEST(OpeningRecord, ASkippedGateKeepsItsReasonAndNoOtherIsSkipped) {
  const auto gates = whole_record().gates;
  ASSERT_EQ(gates.size(), model::gate_names.size());
  for (const auto& gate : gates) {
    EXPECT_EQ(gate.state == GateState::skipped, gate.gate == model::Gate::clocks);
  }
  EXPECT_EQ(gates[1].reason, "no time server there");
}

TEST(OpeningRecord, WhatIsTooMuchForTheStoreIsCutAndCounted) {
  auto record = whole_record();
  for (auto& gate : record.gates) {
    for (int i = 0; i < 500; ++i) {
      gate.verdict.findings.push_back({"engine", std::string(3'000, 'x')});
      gate.verdict.evidence.push_back("\xC3\xBC" + std::string(3'000, 'y'));
    }
  }
  const auto text = render_opening(record);
  EXPECT_LE(text.size(), store::store_value_bytes_max.count());
  const auto parsed = parse_opening(text);
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto& findings = parsed->gates[2].verdict.findings;
  ASSERT_GE(findings.size(), 2u);
  EXPECT_NE(findings.back().sentence.find("findings more"), std::string::npos);
  EXPECT_EQ(parsed->shares, record.shares);
}

}  // namespace
}  // namespace portolan::control

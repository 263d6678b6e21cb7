#include "control/told_document.h"

#include <gtest/gtest.h>

namespace portolan::control {
namespace {

world::PollRequest said_by(const std::string& id) {
  world::PollRequest said;
  said.gateway = id;
  said.zone = "eu-central-1a";
  said.world = world::Seen{{"net", 1, 7}, std::string(64, 'a')};
  said.keyring = world::Seen{{"net", 1, 1'009}, std::string(64, 'b')};
  said.restrictions = world::Seen{{"net", 1, 12}, std::string(64, 'c')};
  said.zone_key = world::ZoneKeySaid{std::string(43, 'k'), 3, std::string(16, 'i'), 1'900'000'000};
  said.engines = world::EngineTally{8, 8};
  said.trial = world::TrialSaid{1'000, 3, {{"model_denied", 12}}};
  said.served = world::WorldServed{};
  for (auto* counts : {&said.served->since, &said.served->before}) {
    counts->requests = 1'234'567;
    counts->errors = 1'234;
    counts->first_bytes.fill(123'456);
  }
  said.load = world::LoadSaid{64, 40};
  said.computed = world::ComputedSaid{1'234'567, 123};
  said.turn = world::PollTurn{1'700'000'000, 123'456};
  return said;
}

std::string two_gateways() {
  auto other = said_by("g-2");
  other.world.reset();
  other.served->since.first_bytes = {0, 3};
  other.served->before = {};
  return render_told("net", {{.said = said_by("g-1"), .polls = true},
                             {.said = other, .silent = Duration::seconds(7)}});
}

TEST(ToldDocument, RefusesWhatIsCutShortAnywhere) {
  const auto whole = two_gateways();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_told("net", std::string_view(whole).substr(0, size))) << size;
  }
  EXPECT_FALSE(read_told("net", whole + "x"));
}

TEST(ToldDocument, RefusesAnotherNetworkAndANewerFormat) {
  EXPECT_FALSE(read_told("other", two_gateways()));
  auto newer = two_gateways();
  newer.replace(newer.find("\"major\":1"), 9, "\"major\":2");
  EXPECT_EQ(read_told("net", newer).error().code, Code::unsupported_version);
  EXPECT_FALSE(read_told("net", R"({"kind":"rollout","major":1,"minor":0})"
                                "\n"));
}

TEST(ToldDocument, RefusesAWordThatHoldsWhatTheFirstLineHasNot) {
  auto wrong = two_gateways();
  wrong.replace(wrong.find("\"world\":1"), 9, "\"world\":9");
  EXPECT_FALSE(read_told("net", wrong));
}

TEST(ToldDocument, RefusesCountsThatAreNoNumbers) {
  const auto whole = two_gateways();
  for (const std::string wrong : {"x", "1234567  1", "-1", "1 2x", "99999999999999999999"}) {
    auto text = whole;
    text.replace(text.find("1234567 1234"), 12, wrong);
    EXPECT_FALSE(read_told("net", text)) << wrong;
  }
}

TEST(ToldDocument, ReadsBackAsItWas) {
  const auto told = read_told("net", two_gateways());
  ASSERT_TRUE(told);
  ASSERT_EQ(told->size(), 2u);
  EXPECT_EQ(told->at(0).said, said_by("g-1"));
  EXPECT_TRUE(told->at(0).polls);
  EXPECT_EQ(told->at(1).said.world, std::nullopt);
  EXPECT_EQ(told->at(1).silent, Duration::seconds(7));
  EXPECT_EQ(told->at(1).said.served->since.first_bytes[1], 3u);
  EXPECT_EQ(told->at(1).said.served->before, model::ServedCounts());
  EXPECT_TRUE(read_told("net", render_told("net", {}))->empty());
}

TEST(ToldDocument, ALongReasonIsCutBetweenCharacters) {
  auto said = said_by("g-1");
  std::string reason = "x";
  while (reason.size() < told_reason_bytes_max.count() + 9) reason += "ä";
  said.refused.push_back({seal::DocumentKind::world, {"net", 1, 8}, "h", reason});
  const auto told = read_told("net", render_told("net", {{.said = said, .polls = true}}));
  ASSERT_TRUE(told);
  const auto& kept = told->at(0).said.refused.at(0).reason;
  EXPECT_EQ(kept, reason.substr(0, kept.size()));
  EXPECT_LE(kept.size(), told_reason_bytes_max.count());
  EXPECT_GE(kept.size(), told_reason_bytes_max.count() - 1);
}

TEST(ToldDocument, Of87GatewaysIsWellBelowOnePart) {
  std::vector<ToldGateway> gateways;
  for (int i = 0; i < 87; ++i) {
    gateways.push_back({.said = said_by("gw-eu-central-1a-" + std::to_string(i)), .polls = true});
  }
  const auto size = render_told("net", std::move(gateways)).size();
  RecordProperty("bytes", static_cast<int>(size));
  EXPECT_LT(size, 100'000u);
}

TEST(ToldDocument, KeysNameTheirControl) {
  EXPECT_EQ(control_of_told(told_key("ab12", 7)), "ab12");
  EXPECT_EQ(told_key("ab12", 7), "told/ab12/007");
  for (const auto* key : {"told/", "told/ab", "told//0", "told/ab/", "other/ab/0"}) {
    EXPECT_FALSE(control_of_told(key)) << key;
  }
}

}  // namespace
}  // namespace portolan::control

#include "cli/opening_view.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/opening_words.h"

namespace portolan::cli {
namespace {

bool holds(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

wire::Json opening_of(const std::string& members) {
  const auto read = wire::parse_json(R"({"name": "mexico", "region": "na-south-1", "zone": "",
      "by": "admin", "began": "2026-11-22T20:00:00Z", "changed": "2026-11-22T20:05:00Z", )" +
                                     members + "}");
  EXPECT_TRUE(read) << read.error().message;
  return read ? *read : wire::Json::object();
}

const std::string red_gates = R"("gates": [
    {"gate": "reach", "state": "green", "tries": 1, "asked": "2026-11-22T20:01:00Z",
     "findings": [], "evidence": ["It reaches 84 gateways.", "us-west-1 is 61 ms away."]},
    {"gate": "engines", "state": "red", "tries": 3, "asked": "2026-11-22T20:02:00Z",
     "findings": [{"subject": "engine http://10.0.0.1:80 in na-south-1a",
                   "sentence": "It has other weights than its model says."}], "evidence": []},
    {"gate": "probes", "state": "waiting", "tries": 0, "asked": null, "findings": [],
     "evidence": []},
    {"gate": "loss", "state": "skipped", "tries": 0, "asked": null, "reason": "it has one zone",
     "findings": [], "evidence": []}])";

const std::string shares = R"("shares": [
    {"percent": 1, "began": "2026-11-22T20:03:00Z", "ended": "2026-11-22T20:04:00Z",
     "requests": 40, "errors": 0, "refusals": 2, "verdict": "40 requests, none failed."},
    {"percent": 10, "began": "2026-11-22T20:04:00Z", "ended": null, "requests": 7, "errors": 0,
     "refusals": 0, "verdict": ""}])";

TEST(OpeningView, EachFindingOfARedGateIsNamedAndWhatToDo) {
  const auto text =
      render_opening(opening_of(R"("phase": "gates", "why": "", "shares": [], )" + red_gates));
  EXPECT_TRUE(holds(text, "Opening mexico: region na-south-1, gates since 2026-11-22T20:05:00Z"))
      << text;
  EXPECT_TRUE(holds(text, "Not open: 1 of 4 gates are green, 1 red.")) << text;
  EXPECT_TRUE(holds(text, "engine http://10.0.0.1:80 in na-south-1a: It has other weights"))
      << text;
  EXPECT_TRUE(holds(text, "not asked: it has one zone")) << text;
  EXPECT_TRUE(holds(text, "Mend what is red; it is asked again by itself.")) << text;
  EXPECT_TRUE(holds(text, "portolan region stop mexico")) << text;
  EXPECT_FALSE(holds(text, "SHARE")) << text;
}

TEST(OpeningView, AHeldOneSaysWhyAndHowToGoOn) {
  const auto held = opening_of(R"("phase": "held", "why": "9 of 40 requests failed.", )" +
                               red_gates + ", " + shares);
  const auto text = render_opening(held);
  EXPECT_TRUE(holds(text, "Not open: it was held. 9 of 40 requests failed.")) << text;
  EXPECT_TRUE(holds(text, "portolan region resume mexico")) << text;
  EXPECT_TRUE(is_opening_over(held));
  EXPECT_FALSE(does_opening_serve(held));
}

TEST(OpeningView, SharesShowTheirCountsAndVerdicts) {
  const auto text =
      render_opening(opening_of(R"("phase": "sharing", "why": "", "gates": [], )" + shares));
  EXPECT_TRUE(holds(text, "it takes 10 % of its traffic")) << text;
  EXPECT_TRUE(holds(text, "40 requests, none failed.")) << text;
}

TEST(OpeningView, WhatWasNotAskedIsPartOfGoodNews) {
  const auto serving = opening_of(R"("phase": "serving", "why": "", "shares": [], )" + red_gates);
  EXPECT_EQ(opening_verdict(serving),
            "Open: every gate that was asked is green (not asked: loss), and it serves all of its "
            "traffic.");
  EXPECT_TRUE(does_opening_serve(serving));
}

TEST(OpeningView, AZoneIsSpokenOfAsAZone) {
  const auto zone = *wire::parse_json(
      R"({"name": "seoul-2", "region": "ap-northeast-2", "zone": "ap-northeast-2b",
          "phase": "drained", "why": "New racks."})");
  EXPECT_EQ(opened_place(zone), "zone ap-northeast-2b of region ap-northeast-2");
  EXPECT_EQ(opening_verdict(zone), "Drained: it takes nothing new. New racks.");
  EXPECT_TRUE(holds(opening_advice(zone), "portolan zone reopen seoul-2"));
}

TEST(OpeningView, APlaceWithoutAnOpeningIsSaidToBeDrained) {
  const auto drained = *wire::parse_json(R"({"now": "2026-11-22", "drained": "eu-west-1"})");
  EXPECT_TRUE(holds(render_opening_act(drained), "portolan restrict lift drain eu-west-1"));
  EXPECT_TRUE(holds(render_opening_act(opening_of(R"("phase": "drained")")), "Opening mexico"));
}

TEST(OpeningView, AShareThatWaitsForAGateIsNotCalledGreen) {
  const auto text =
      opening_verdict(opening_of(R"("phase": "sharing", )" + red_gates + ", " + shares));
  EXPECT_EQ(text, "Opening: it takes 10 % of its traffic, and no more while a gate is red.");
}

TEST(OpeningView, OneThatIsNotQuiteClosedYetSaysSo) {
  const auto text = opening_verdict(opening_of(R"("phase": "stopped", "closing": true)"));
  EXPECT_EQ(text,
            "Not open: it was stopped. It is drained until every gateway knows that "
            "it is closed.");
}

TEST(OpeningView, SeveralAreALineEachAndNoneIsSaid) {
  auto answer = wire::Json::object();
  answer.set("openings", wire::Json::array());
  EXPECT_TRUE(holds(render_openings(answer), "portolan region open --help"));
  auto two = wire::Json::array();
  two.push(opening_of(R"("phase": "gates", )" + red_gates));
  two.push(opening_of(R"("phase": "serving", "gates": [])"));
  answer.set("openings", two);
  const auto text = render_openings(answer);
  EXPECT_TRUE(holds(text, "1/4")) << text;
  EXPECT_TRUE(holds(text, "serving")) << text;
}

TEST(OpeningView, NewsAreToldOnce) {
  const auto gates = opening_of(R"("phase": "gates", "shares": [], )" + red_gates);
  const auto told = opening_news({}, gates);
  const auto has = [&](std::string_view line) {
    return std::ranges::find(told, line) != told.end();
  };
  EXPECT_TRUE(has("reach is green"));
  EXPECT_TRUE(has("engines is red"));
  EXPECT_TRUE(
      has("engines: engine http://10.0.0.1:80 in na-south-1a: It has other weights than its "
          "model says."));
  EXPECT_TRUE(has("loss is skipped: it has one zone"));
  EXPECT_TRUE(has("Not open: 1 of 4 gates are green, 1 red."));
  EXPECT_TRUE(opening_news(gates, gates).empty());
  const auto sharing = opening_of(R"("phase": "sharing", )" + red_gates + ", " + shares);
  const auto more = opening_news(gates, sharing);
  ASSERT_EQ(more.size(), 4u);
  EXPECT_EQ(more[0], "it takes 1 % of its traffic");
  EXPECT_EQ(more[1], "1 %: 40 requests, 0 errors, 2 refused: 40 requests, none failed.");
  EXPECT_EQ(more[2], "it takes 10 % of its traffic");
}

}  // namespace
}  // namespace portolan::cli

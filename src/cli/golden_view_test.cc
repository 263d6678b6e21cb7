#include "cli/golden_view.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

bool holds(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

wire::Json answer_of(std::string_view run, std::string_view rest) {
  std::string text = R"({"now": "2026-01-03", "run": )";
  text.append(run).append(rest).append("}");
  return *wire::parse_json(text);
}

constexpr std::string_view ended =
    R"({"began": "2026-01-02T03:00:00Z", "ended": "2026-01-02T03:01:00Z", "by": "daily",
        "running": false})";

TEST(GoldenView, SaysThatNothingWasAskedAndWhatToDo) {
  const auto text = render_golden(answer_of("null", R"(, "zones": [], "models": [])"));
  EXPECT_TRUE(holds(text, "never asked")) << text;
  EXPECT_TRUE(holds(text, "portolan golden run")) << text;
  EXPECT_FALSE(golden_agrees(answer_of("null", "")));
}

TEST(GoldenView, ShowsTheOddOneAndWhatTheOthersSay) {
  const auto answer = answer_of(ended, R"(, "agrees": false,
      "zones": [{"zone": "eu-1a", "why": ""}, {"zone": "sg-1a", "why": "connection refused"}],
      "models": [{"model": "small", "zones": 3, "engines": 4, "agrees": false, "findings": [
        {"kind": "odd", "zone": "eu-1a", "engine": "http://e", "fact": "template",
         "said": "aaa", "others": "bbb"}]}])");
  const auto text = render_golden(answer);
  EXPECT_TRUE(holds(text, "sg-1a was not heard: connection refused")) << text;
  EXPECT_TRUE(holds(text, "aaa; most say bbb")) << text;
  EXPECT_TRUE(holds(text, "http://e")) << text;
  EXPECT_FALSE(golden_agrees(answer));
}

TEST(GoldenView, ARunHasEndedOnlyIfItBeganThenOrLater) {
  const auto answer = answer_of(ended, "");
  EXPECT_TRUE(golden_ended_since(answer, "2026-01-02T03:00:00Z"));
  EXPECT_FALSE(golden_ended_since(answer, "2026-01-02T03:00:01Z")) << "that was an earlier one";
  EXPECT_FALSE(golden_ended_since(answer_of("null", ""), "2026-01-02"));
  EXPECT_FALSE(golden_ended_since(
      answer_of(R"({"began": "2026-01-04", "ended": null, "running": true})", ""), "2026-01-02"));
}

}  // namespace
}  // namespace portolan::cli

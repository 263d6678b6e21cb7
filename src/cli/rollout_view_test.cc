#include "cli/rollout_view.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

bool holds(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

wire::Json answer_of(const std::string& members) {
  return *wire::parse_json(R"({"rollout": {"world": 8, "from": 7, "began": "2026-01-02",
      "zones_released": 2, "zones": 6, )" +
                           members + "}}");
}

const std::string steps = R"("steps": [
    {"zones": ["eu-1a"], "began": "2026-01-02", "verdict": "20 requests were served."},
    {"zones": ["eu-1b", "eu-1c"], "began": "2026-01-03", "verdict": ""}])";

TEST(RolloutView, WhoRefusesAndWhyAndWhatToDoIsSaid) {
  const auto text = render_rollout(answer_of(R"("phase": "running", "waits_for": "1 of 2 hold it.",
      "gateways": [{"gateway": "g-1", "zone": "eu-1a", "turn": true, "connected": true, "holds": 7,
                    "refused": "invalid_resource: line 7", "served": null},
                   {"gateway": "g-2", "zone": "eu-1b", "turn": false, "connected": false,
                    "holds": null, "refused": null,
                    "served": {"requests": 9, "errors": 3, "refusals": 2, "detours": 1}}],)" +
                                             steps));
  EXPECT_TRUE(holds(text, "World 8, after World 7: running, 2 of 6 zones")) << text;
  EXPECT_TRUE(holds(text, "g-1 in eu-1a refuses it: invalid_resource: line 7")) << text;
  EXPECT_TRUE(holds(text, "9 requests, 3 errors, 2 refused, 1 detours")) << text;
  EXPECT_TRUE(holds(text, "waits")) << text;
  EXPECT_TRUE(holds(text, "1 of 2 hold it.")) << text;
  EXPECT_TRUE(holds(text, "eu-1b, eu-1c")) << text;
  EXPECT_TRUE(holds(text, "portolan rollout pause | resume | rollback")) << text;
}

TEST(RolloutView, OneThatWentBackSaysWhyAndOffersNothing) {
  const auto answer = answer_of(R"("phase": "gone-back", "why": "In zone eu-1a 9 of 9 failed.",
      "ended": "2026-01-04",)" + steps);
  const auto text = render_rollout(answer);
  EXPECT_TRUE(holds(text, "gone-back\nIn zone eu-1a 9 of 9 failed.\n")) << text;
  EXPECT_TRUE(holds(text, "2026-01-04  ended")) << text;
  EXPECT_FALSE(holds(text, "pause")) << text;
  EXPECT_FALSE(is_rolling_out(answer));
  EXPECT_TRUE(has_gone_back(answer));
}

TEST(RolloutView, NoneIsSaid) {
  const auto none = *wire::parse_json(R"({"rollout": null})");
  EXPECT_TRUE(holds(render_rollout(none), "No World went out zone by zone yet"));
  EXPECT_FALSE(is_rolling_out(none));
  EXPECT_TRUE(is_rolling_out(answer_of(R"("phase": "paused")")));
}

}  // namespace
}  // namespace portolan::cli

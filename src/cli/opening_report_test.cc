#include "cli/opening_report.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

bool holds(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

wire::Json opening(const std::string& sentence) {
  auto json = *wire::parse_json(R"({
    "now": "2026-11-22T21:00:00Z", "name": "seoul-2", "region": "ap-northeast-2",
    "zone": "ap-northeast-2b", "phase": "serving", "why": "", "by": "admin",
    "began": "2026-11-22T20:00:00.125Z", "changed": "2026-11-22T20:30:00Z",
    "spec": {"apiVersion": "portolan/v1", "kind": "Opening", "metadata": {"name": "seoul-2"},
             "spec": {"zone": "ap-northeast-2b", "data": {"data-class": "public"},
                      "round_trips": [{"to": "ap-northeast-1", "ms": 55.5}],
                      "skip": [{"gate": "loss", "reason": "tried in March"}]}},
    "gates": [{"gate": "loss", "state": "skipped", "tries": 0, "asked": null,
               "reason": "tried in March", "findings": [], "evidence": []}],
    "shares": [{"percent": 100, "began": "2026-11-22T20:20:00Z", "ended": "2026-11-22T20:30:00Z",
                "requests": 812, "errors": 1, "refusals": 3, "verdict": "As good as before."}]})");
  auto evidence = wire::Json::array();
  evidence.push(sentence);
  auto finding = wire::Json::object();
  finding.set("subject", sentence).set("sentence", sentence);
  auto findings = wire::Json::array();
  findings.push(finding);
  auto gate = wire::Json::object();
  gate.set("gate", "reach").set("state", "green").set("tries", 2);
  gate.set("asked", "2026-11-22T20:01:00Z").set("evidence", evidence).set("findings", findings);
  json.find("gates")->push(gate);
  return json;
}

TEST(OpeningReport, NoTextIsReadAsMarkup) {
  const std::string nasty = "<script>alert('x')</script> & \"quoted\"";
  auto json = opening(nasty);
  for (const char* name : {"name", "region", "zone", "by", "why", "phase", "now", "began"}) {
    json.set(name, nasty);
  }
  const auto page = render_opening_page(json);
  EXPECT_FALSE(holds(page, "<script")) << page;
  EXPECT_FALSE(holds(page, "alert('x')")) << page;
  EXPECT_FALSE(holds(page, "\"quoted\"")) << page;
  EXPECT_TRUE(
      holds(page, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quoted&quot;"));
}

TEST(OpeningReport, NeedsNoOtherFileAndNoScript) {
  const auto page = render_opening_page(opening("fine"));
  for (const char* part : {"http://", "https://", "src=", "href=", "url(", "@import", "<script"}) {
    EXPECT_FALSE(holds(page, part)) << part;
  }
  EXPECT_TRUE(page.starts_with("<!doctype html>"));
  EXPECT_TRUE(page.ends_with("</html>\n"));
}

TEST(OpeningReport, BothFormsSayWhatWasNotAskedAndWhy) {
  for (const auto& text : {render_opening_report(opening("It reaches 84 gateways.")),
                           render_opening_page(opening("It reaches 84 gateways."))}) {
    EXPECT_TRUE(holds(text, "zone ap-northeast-2b of region ap-northeast-2")) << text;
    EXPECT_TRUE(holds(text, "not asked: loss")) << text;
    EXPECT_TRUE(holds(text, "tried in March")) << text;
    EXPECT_TRUE(holds(text, "It reaches 84 gateways.")) << text;
    EXPECT_TRUE(holds(text, "As good as before.")) << text;
    EXPECT_TRUE(holds(text, "812")) << text;
    EXPECT_TRUE(holds(text, "ap-northeast-1 in 55.5 ms")) << text;
    EXPECT_TRUE(holds(text, "data-class: public")) << text;
  }
}

TEST(OpeningReport, OneWithoutAnythingYetIsSaidToHaveNothing) {
  const auto bare = *wire::parse_json(R"({"name": "x", "region": "y", "phase": "applying"})");
  EXPECT_TRUE(holds(render_opening_report(bare), "It took none yet."));
  EXPECT_TRUE(holds(render_opening_page(bare), "It took none yet."));
}

}  // namespace
}  // namespace portolan::cli

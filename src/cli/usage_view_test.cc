#include "cli/usage_view.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

constexpr const char* first_page = R"({
  "by": ["workspace", "day"],
  "rows": [
    {"workspace": "eu", "day": "2026-01-01", "requests": 1200, "prompt_tokens": 1234567,
     "cached_tokens": 3, "completion_tokens": 99, "estimated_requests": 0,
     "outcomes": {"completed": 1190, "cancelled": 10}},
    {"workspace": "it's, \"x\"", "day": "2026-01-02", "requests": 1, "prompt_tokens": 2,
     "cached_tokens": 0, "completion_tokens": 4, "estimated_requests": 1, "outcomes": {}}],
  "next": "[\"a\",\"b\"]",
  "ledger": {"now": "2026-01-02T00:00:10Z", "requests": 1201, "executions": 1300, "conflicts": 2,
    "gaps": 1, "missing_records": 1500, "gateways": [
      {"gateway": "gw-1", "zone": "a", "epoch": 1, "known": 9, "received": "2026-01-02T00:00:08.5Z"},
      {"gateway": "gw-2", "zone": "b", "epoch": 1, "known": 9, "received": "2026-01-01T22:00:00Z"},
      {"gateway": "gw-3", "zone": "c", "epoch": 1, "known": 9, "received": null}]},
  "gateways_not_heard_of": ["gw-3", "gw-4"]})";

UsageReport report_of(std::string_view text) {
  const auto page = wire::parse_json(text);
  EXPECT_TRUE(page);
  UsageReport report;
  std::string next;
  const auto added = add_page(report, *page, next);
  EXPECT_TRUE(added) << added.error().message;
  return report;
}

TEST(UsageView, RefusesAPageThatIsNone) {
  for (const auto* text : {"{}", R"({"by": [], "rows": [{}], "next": null, "ledger": {}})",
                           R"({"by": ["org"], "rows": [{"requests": 1}], "ledger": {}})"}) {
    UsageReport report;
    std::string next;
    const auto added = add_page(report, *wire::parse_json(text), next);
    ASSERT_FALSE(added) << text;
    EXPECT_EQ(added.error().code, Code::malformed_peer);
  }
}

TEST(UsageView, AlignsNumbersGroupsThousandsAndAddsThemUp) {
  const auto table = render_usage_table(report_of(first_page));
  EXPECT_NE(table.find("WORKSPACE  DAY         REQUESTS  COMPLETED     PROMPT  CACHED"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("eu         2026-01-01     1,200      1,190  1,234,567       3"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("TOTAL                     1,201      1,190  1,234,569       3"),
            std::string::npos)
      << table;
}

TEST(UsageView, SaysHowFreshItIsAndWhatIsWrong) {
  const auto table = render_usage_table(report_of(first_page));
  EXPECT_NE(table.find("last record 1 s ago, from gw-1; of 2 gateways heard, gw-2 is silent "
                       "longest, 2 h. Not heard of: gw-3, gw-4."),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("1,500 records are missing in 1 gaps (--gaps)."), std::string::npos);
  EXPECT_NE(table.find("2 records differ"), std::string::npos);
}

TEST(UsageView, WritesCsvThatAnyReaderTakes) {
  EXPECT_EQ(render_usage_csv(report_of(first_page)),
            "workspace,day,requests,completed,prompt_tokens,cached_tokens,completion_tokens,"
            "estimated_requests\r\n"
            "eu,2026-01-01,1200,1190,1234567,3,99,0\r\n"
            "\"it's, \"\"x\"\"\",2026-01-02,1,0,2,0,4,1\r\n");
}

TEST(UsageView, PutsPagesTogether) {
  const auto page = wire::parse_json(first_page);
  UsageReport report;
  std::string next;
  ASSERT_TRUE(add_page(report, *page, next));
  EXPECT_EQ(next, R"(["a","b"])");
  auto last = *page;
  last.set("next", nullptr);
  ASSERT_TRUE(add_page(report, last, next));
  EXPECT_EQ(next, "");
  EXPECT_EQ(report.rows.size(), 4u);
  EXPECT_EQ(report.total.requests, 2402u);
  EXPECT_EQ(report.freshness.heard.size(), 2u);
  const auto json = render_usage_json(report);
  EXPECT_EQ(json.find("rows")->as_array()->size(), 4u);
  EXPECT_EQ(json.find("total")->find("requests")->as_uint64(), 2402u);
  EXPECT_EQ(json.find("next"), nullptr);
}

TEST(UsageView, ShowsGapsAndConflictsOrThatThereAreNone) {
  const auto none = wire::parse_json(R"({"gaps": [], "conflicts": []})");
  EXPECT_NE(render_gaps(*none).find("has every record"), std::string::npos);
  EXPECT_NE(render_conflicts(*none).find("No record"), std::string::npos);
  const auto some = wire::parse_json(R"({
    "gaps": [{"gateway": "gw-1", "epoch": 3, "first": 1200, "last": 1300, "since": "2026-01-01"}],
    "conflicts": [{"gateway": "gw-1", "epoch": 3, "number": 7, "request_id": "gw-1-3-7",
                   "reason": "same_number", "received": "2026-01-01",
                   "says": {"prompt_tokens": 5, "completion_tokens": 70000}},
                  {"gateway": "gw-2", "epoch": 3, "number": 8, "request_id": "", "reason":
                   "same_number", "received": "2026-01-01", "says": null}]})");
  EXPECT_NE(render_gaps(*some).find("gw-1     3      1,200  1,300  2026-01-01"), std::string::npos)
      << render_gaps(*some);
  EXPECT_NE(render_conflicts(*some).find("gw-1-3-7  5       70,000"), std::string::npos)
      << render_conflicts(*some);
}

TEST(Thousands, AreGrouped) {
  EXPECT_EQ(group_thousands(0), "0");
  EXPECT_EQ(group_thousands(999), "999");
  EXPECT_EQ(group_thousands(1000), "1,000");
  EXPECT_EQ(group_thousands(UINT64_MAX), "18,446,744,073,709,551,615");
}

}  // namespace
}  // namespace portolan::cli

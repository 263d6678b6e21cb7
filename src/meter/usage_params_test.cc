#include "meter/usage_params.h"

#include <gtest/gtest.h>

namespace portolan::meter {
namespace {

using store::UsageField;

TEST(UsageParams, AreRefusedByName) {
  for (const auto* query :
       {"by=week", "by=org,org", "by=org&by=day", "from=yesterday", "until=2026-02-30", "limit=0",
        "limit=1001", "limit=7x", "after=7", "after=[7]", "after=[\"a\"]", "by=org&after=[]x",
        "workspaces=eu", "by=%zz", "from=%00"}) {
    const auto parsed = parse_usage_params(query);
    ASSERT_FALSE(parsed) << query;
    EXPECT_EQ(parsed.error().code, Code::invalid_parameter) << query;
  }
  EXPECT_NE(parse_usage_params("workspaces=eu").error().message.find("Did you mean 'workspace'?"),
            std::string::npos);
  std::string many;
  for (int i = 0; i < 300; ++i) many += "&key=k";
  EXPECT_FALSE(parse_usage_params(many));
}

TEST(UsageParams, SayWhatIsAskedFor) {
  const auto query = parse_usage_params(
      "by=entry_region,hour&workspace=a%20b&workspace=c&model=m&from=2026-01-01"
      "&until=2026-01-02T12%3A00%3A00Z&limit=7&after=[%22x%22,%22y%22]");
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_EQ(query->by, (std::vector{UsageField::entry_region, UsageField::hour}));
  const std::vector<std::pair<UsageField, std::string>> filters = {
      {UsageField::workspace, "a b"}, {UsageField::workspace, "c"}, {UsageField::model, "m"}};
  EXPECT_EQ(query->filters, filters);
  EXPECT_EQ(query->from->unix_seconds(), 1'767'225'600);
  EXPECT_EQ(query->until->unix_seconds(), 1'767'225'600 + 36 * 3600);
  EXPECT_EQ(query->rows_max, 7u);
  EXPECT_EQ(query->after, (std::vector<std::string>{"x", "y"}));
}

TEST(UsageParams, MayBeMissing) {
  const auto query = parse_usage_params("");
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->by.empty());
  EXPECT_EQ(query->rows_max, store::ledger_page_rows_max.count());
}

}  // namespace
}  // namespace portolan::meter

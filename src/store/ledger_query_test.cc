#include "store/ledger_query.h"

#include "store/ledger_test_support.h"

namespace portolan::store {
namespace {

using namespace testing;

struct LedgerQueryTest : ::testing::Test {
  LedgerTable table = *LedgerTable::open({.path = ":memory:"});
  std::uint64_t number = 0;

  void bill(Billed billed) {
    ++number;
    billed.id = "r" + std::to_string(number);
    ASSERT_TRUE(table.take(one(number, billed)));
  }
  std::vector<LedgerRow> rows(const LedgerQuery& query) {
    const auto page = table.query(query);
    EXPECT_TRUE(page) << page.error().message;
    return page ? page->rows : std::vector<LedgerRow>();
  }
};

TEST_F(LedgerQueryTest, ThereIsNoRowForNothing) {
  EXPECT_TRUE(rows({}).empty());
  EXPECT_TRUE(rows({.by = {UsageField::workspace}}).empty());
  bill({});
  EXPECT_TRUE(rows({.filters = {{UsageField::workspace, "nobody"}}}).empty());
}

TEST_F(LedgerQueryTest, AValueIsNeverSql) {
  bill({.workspace = "it's; DROP TABLE usage --"});
  EXPECT_EQ(rows({.filters = {{UsageField::workspace, "' OR 1 --"}}}).size(), 0u);
  EXPECT_EQ(rows({.filters = {{UsageField::workspace, "it's; DROP TABLE usage --"}}}).size(), 1u);
}

TEST_F(LedgerQueryTest, WithoutGroupsEverythingIsOneSum) {
  bill({.prompt = 10, .completion = 1});
  bill({.prompt = 20, .completion = 2, .outcome = "cancelled"});
  bill({.prompt = 30, .completion = 3});
  const auto sums = rows({});
  ASSERT_EQ(sums.size(), 1u);
  EXPECT_EQ(sums[0].requests, 3u);
  EXPECT_EQ(sums[0].prompt_tokens, 60u);
  EXPECT_EQ(sums[0].cached_tokens, 6u);
  EXPECT_EQ(sums[0].completion_tokens, 6u);
  const std::map<std::string, std::uint64_t> outcomes = {{"completed", 2}, {"cancelled", 1}};
  EXPECT_EQ(sums[0].outcomes, outcomes);
}

TEST_F(LedgerQueryTest, GroupsByEveryField) {
  bill({.workspace = "eu", .zone = "fra-a", .model = "small"});
  bill({.workspace = "cn", .zone = "han-b", .model = "large", .began = noon + Duration::hours(13)});
  const auto first_of = [&](UsageField field) { return rows({.by = {field}}).front().group; };
  using Group = std::vector<std::string>;
  EXPECT_EQ(first_of(UsageField::org), Group{"demo"});
  EXPECT_EQ(first_of(UsageField::workspace), Group{"cn"});
  EXPECT_EQ(first_of(UsageField::key), Group{"key-1"});
  EXPECT_EQ(first_of(UsageField::model), Group{"large"});
  EXPECT_EQ(first_of(UsageField::region), Group{"fra"});
  EXPECT_EQ(first_of(UsageField::zone), Group{"fra-a"});
  EXPECT_EQ(first_of(UsageField::entry_region), Group{"fra"});
  EXPECT_EQ(first_of(UsageField::hour), Group{"2026-01-01T12:00:00Z"});
  EXPECT_EQ(first_of(UsageField::day), Group{"2026-01-01"});
  const auto both = rows({.by = {UsageField::day, UsageField::workspace}});
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[1].group, (Group{"2026-01-02", "cn"}));
}

TEST_F(LedgerQueryTest, FiltersOfOneFieldWidenAndOfTwoNarrow) {
  bill({.workspace = "eu", .model = "small"});
  bill({.workspace = "cn", .model = "small"});
  bill({.workspace = "cn", .model = "large"});
  const auto requests = [&](std::vector<std::pair<UsageField, std::string>> filters) {
    const auto sums = rows({.filters = std::move(filters)});
    return sums.empty() ? 0 : sums[0].requests;
  };
  EXPECT_EQ(requests({{UsageField::workspace, "cn"}}), 2u);
  EXPECT_EQ(requests({{UsageField::workspace, "cn"}, {UsageField::workspace, "eu"}}), 3u);
  EXPECT_EQ(requests({{UsageField::model, "small"}, {UsageField::workspace, "cn"}}), 1u);
  EXPECT_EQ(requests({{UsageField::hour, "2026-01-01T12:00:00Z"}}), 3u);
}

TEST_F(LedgerQueryTest, TheFirstInstantIsInAndTheLastIsNot) {
  bill({.began = noon});
  bill({.began = noon + Duration::seconds(1)});
  LedgerQuery query{.from = noon, .until = noon + Duration::seconds(1)};
  EXPECT_EQ(rows(query)[0].requests, 1u);
  query.from = noon + Duration::nanoseconds(1);
  query.until = noon + Duration::seconds(2);
  EXPECT_EQ(rows(query)[0].requests, 1u);
}

TEST_F(LedgerQueryTest, PagesTogetherAreTheWhole) {
  for (int i = 0; i < 7; ++i) {
    bill({.workspace = "w" + std::to_string(i % 4), .zone = "z-" + std::to_string(i)});
  }
  LedgerQuery query{.by = {UsageField::workspace, UsageField::zone}};
  const auto whole = rows(query);
  ASSERT_EQ(whole.size(), 7u);
  query.rows_max = 3;
  std::vector<LedgerRow> pieces;
  for (int pages = 1;; ++pages) {
    const auto page = table.query(query);
    ASSERT_TRUE(page);
    EXPECT_LE(page->rows.size(), 3u);
    pieces.insert(pieces.end(), page->rows.begin(), page->rows.end());
    if (!page->more) {
      EXPECT_EQ(pages, 3);
      break;
    }
    query.after = page->rows.back().group;
  }
  EXPECT_EQ(pieces, whole);
}

TEST(UsageField, ComesBackFromItsName) {
  for (const auto* name :
       {"org", "workspace", "key", "model", "region", "zone", "entry_region", "hour", "day"}) {
    const auto field = usage_field_named(name);
    ASSERT_TRUE(field) << name;
    EXPECT_EQ(name_of(*field), name);
  }
  EXPECT_FALSE(usage_field_named("week"));
}

}  // namespace
}  // namespace portolan::store

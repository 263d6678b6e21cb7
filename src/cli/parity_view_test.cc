#include "cli/parity_view.h"

#include <gtest/gtest.h>

#include "cli/products_view.h"
#include "cli/products_watch.h"

namespace portolan::cli {
namespace {

// Two regions, one of which has less.
wire::Json parity_answer() {
  auto answer = wire::parse_json(R"({
    "now": "2026-03-01", "world": {"epoch": 1, "version": 7, "hash": "ab"}, "targets": ["t"],
    "whole": {"wanted": 8, "has": 6, "overdue": 1, "percent": 75.0},
    "regions": [
      {"region": "eu", "wanted": 4, "has": 4, "overdue": 0, "percent": 100.0},
      {"region": "us", "wanted": 4, "has": 2, "overdue": 1, "percent": 50.0}],
    "gaps": [
      {"region": "us", "model": "big", "item": "feature", "feature": "tools", "items": 1,
       "missing": "engine_lacks", "why": "no engine there has it", "target": "t",
       "since": "2026-02-03", "by": "2026-01-01", "overdue": true},
      {"region": "us", "model": "big", "item": "slots", "wanted": 16, "found": 8,
       "items": 1, "missing": "too_few_slots", "why": "its engines there take fewer requests at once",
       "target": "t", "since": null, "overdue": false}],
    "gaps_left_out": 0})");
  return *answer;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST(ParityView, AnAnswerOfAnotherShapeIsAFault) {
  EXPECT_EQ(view_parity(*wire::parse_json("{}")).error().code, Code::malformed_peer);
  EXPECT_EQ(render_products(*wire::parse_json(R"({"products": [{}]})"), 0).error().code,
            Code::malformed_peer);
}

TEST(ParityView, IsNotMetBelowThePercentOrWithSomethingOverdue) {
  auto answer = parity_answer();
  EXPECT_FALSE(view_parity(answer)->is_met(0));
  answer.find("whole")->set("overdue", 0);
  EXPECT_TRUE(view_parity(answer)->is_met(50));
  EXPECT_FALSE(view_parity(answer)->is_met(50.1));
}

TEST(ParityView, ShowsRegionsThenGaps) {
  const auto text = render_parity(*view_parity(parity_answer()), 0);
  EXPECT_TRUE(has(text, "eu      100.0 %  4/4  -")) << text;
  EXPECT_TRUE(has(text, "us      50.0 %   2/4  1")) << text;
  EXPECT_TRUE(has(text, "feature tools  big       no engine there has it")) << text;
  EXPECT_TRUE(has(text, "2026-02-03  2026-01-01 overdue  us")) << text;
  EXPECT_TRUE(has(text, "slots 8 of 16  big")) << text;
  EXPECT_TRUE(has(text, "75.0 %: 6 of 8 models, features, limits and prices")) << text;
  EXPECT_TRUE(has(text, "asked for by target t\n")) << text;
}

TEST(ParityView, APriceIsShownWithWhatItMayBe) {
  auto answer = parity_answer();
  auto gap = answer.find("gaps")->as_array()->front();
  gap.erase("feature");
  gap.set("item", "price").set("currency", "USD").set("missing", "no_price");
  answer.find("gaps")->push(gap);
  gap.set("item", "output_price").set("price", "0.07").set("price_max", "0.066");
  answer.find("gaps")->push(gap);
  const auto text = render_parity(*view_parity(answer), 0);
  EXPECT_TRUE(has(text, "\nprice in USD                    big ")) << text;
  EXPECT_TRUE(has(text, "\noutput price 0.07 of 0.066 USD  big ")) << text;
}

TEST(ParityView, RegionsThatLackTheSameShareALine) {
  auto answer = parity_answer();
  auto other = answer.find("gaps")->as_array()->front();
  other.set("region", "mx");
  answer.find("gaps")->push(other);
  EXPECT_TRUE(has(render_parity(*view_parity(answer), 0), "2026-01-01 overdue  us, mx\n"));
}

TEST(ParityView, CsvIsALineAGap) {
  auto answer = parity_answer();
  const auto text = render_parity_csv(*view_parity(answer));
  EXPECT_EQ(
      text,
      "region,model,item,missing,why,since,target,by,overdue\n"
      "us,big,feature tools,engine_lacks,no engine there has it,2026-02-03,t,2026-01-01,yes\n"
      "us,big,slots 8 of 16,too_few_slots,its engines there take fewer requests at once,,t,,no\n");
}

TEST(ParityView, HistoryIsALineADay) {
  const auto text = render_parity_history(*wire::parse_json(R"({"days": [
    {"day": "2026-01-31", "regions": [
      {"region": "eu", "percent": 100.0, "lowest": 50.0},
      {"region": "us", "percent": 75.5, "lowest": 75.5}]},
    {"day": "2026-02-01", "regions": []}]})"));
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_TRUE(has(*text, "2026-01-31  2        1      75.5 %  us  50.0 %")) << *text;
  EXPECT_FALSE(has(*text, "2026-02-01"));
  EXPECT_FALSE(render_parity_history(*wire::parse_json("{}")));
  EXPECT_TRUE(has(*render_parity_history(*wire::parse_json(R"({"days": []})")), "once a minute"));
}

TEST(ProductsView, ShowsModelsThenWhereTheyAreNot) {
  const auto text = render_products(*wire::parse_json(R"({"products": [{
    "name": "big", "context": 4096, "features": ["chat", "tools"], "aliases": [], "digest": "d",
    "regions": [
      {"region": "cn", "has": false, "missing": "denied_by_rule",
       "why": "a rule denies it there", "rules": ["r1"]},
      {"region": "eu", "has": true, "features": ["chat", "tools"], "slots": 4},
      {"region": "us", "has": true, "features": ["chat"], "slots": 4}]}]})"),
                                    0);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_TRUE(has(*text, "big    4096     chat,tools  -        2 of 3 regions")) << *text;
  EXPECT_TRUE(has(*text, "big    not served: a rule denies it there: r1  cn")) << *text;
  EXPECT_TRUE(has(*text, "big    served without tools                    us")) << *text;
}

TEST(ProductsView, ShowsWhatAModelCostsWhereItIsServed) {
  const auto text = render_products(*wire::parse_json(R"({"products": [{
    "name": "big", "context": 4096, "features": [], "aliases": [], "digest": "d",
    "regions": [
      {"region": "cn", "has": false, "why": "it is dead", "rules": [],
       "prices": [{"currency": "USD", "input_per_million": "9", "output_per_million": "9"}]},
      {"region": "eu", "has": true, "features": [], "slots": 4, "prices": [
        {"currency": "EUR", "input_per_million": "0.02", "output_per_million": "0.06"},
        {"currency": "USD", "input_per_million": "0.02", "output_per_million": "0.07"}]},
      {"region": "us", "has": true, "features": [], "slots": 4, "prices": [
        {"currency": "USD", "input_per_million": "0.02", "output_per_million": "0.07"}]}]}]})"),
                                    0);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_TRUE(has(*text,
                  "big    EUR       0.02   0.06    eu\n"
                  "big    USD       0.02   0.07    all that serve it\n"
                  "prices are for a million tokens\n"))
      << *text;
}

using policy::Catalogue;

Catalogue catalogue(std::string_view offer) {
  const auto answer = wire::parse_json(
      std::string(R"({"products": [{"name": "big", "context": 4096, "features": ["chat", "tools"],
                      "aliases": [], "regions": [)") +
      std::string(offer) + "]}]}");
  return *read_catalogue(*answer);
}

// "degrades: without tools"
std::string change(const Catalogue& before, const Catalogue& after) {
  const auto changes = policy::compare_catalogues(before, after);
  if (changes.empty()) return "";
  EXPECT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].model + "." + changes[0].region, "big.eu");
  return changes[0].what + ": " + changes[0].how;
}

TEST(ProductsWatch, TellsWhatBecameOfAModelInARegion) {
  const auto whole = catalogue(R"({"region": "eu", "has": true, "features": ["chat", "tools"]})");
  const auto less = catalogue(R"({"region": "eu", "has": true, "features": ["chat"]})");
  const auto gone =
      catalogue(R"({"region": "eu", "has": false, "why": "it is dead", "rules": []})");
  EXPECT_EQ(change(whole, whole), "");
  EXPECT_EQ(change(whole, less), "degrades: without tools");
  EXPECT_EQ(change(less, whole), "recovers: ");
  EXPECT_EQ(change(whole, gone), "leaves: it is dead");
  EXPECT_EQ(change(gone, less), "appears: without tools");
  EXPECT_EQ(change(whole, catalogue("")), "leaves: the World has it there no more");
  EXPECT_EQ(change(catalogue(""), whole), "appears: ");
  EXPECT_EQ(change(gone, catalogue("")), "");
}

TEST(ProductsWatch, BelievesWhatTwoLooksAgreeOn) {
  const auto here = catalogue(R"({"region": "eu", "has": true, "features": ["chat", "tools"]})");
  const auto gone =
      catalogue(R"({"region": "eu", "has": false, "why": "it is dead", "rules": []})");
  const auto none = catalogue("");
  EXPECT_EQ(policy::settle_catalogue(here, here, gone).offers, here.offers);
  EXPECT_EQ(policy::settle_catalogue(here, gone, gone).offers, gone.offers);
  EXPECT_EQ(policy::settle_catalogue(here, here, none).offers, here.offers);
  EXPECT_EQ(policy::settle_catalogue(here, none, none).offers, none.offers);
  EXPECT_EQ(policy::settle_catalogue(none, none, here).offers, none.offers);
  EXPECT_EQ(policy::settle_catalogue(none, here, here).offers, here.offers);
}

}  // namespace
}  // namespace portolan::cli

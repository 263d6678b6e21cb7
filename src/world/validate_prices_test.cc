// Price books, and what parity targets ask of prices.

#include <gtest/gtest.h>

#include "world/validate.h"

namespace portolan::world {
namespace {

const std::string network = R"(apiVersion: portolan/v1
kind: Region
metadata: {name: eu-central-1}
spec: {country: DE, latitude: 50.1, longitude: 8.6, groups: [emea]}
---
kind: Region
metadata: {name: sg-1}
spec: {country: SG, latitude: 1.3, longitude: 103.8}
---
kind: Zone
metadata: {name: eu-central-1a}
spec: {region: eu-central-1}
---
kind: Model
metadata: {name: small}
spec:
  digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  context: 2048
  features: [chat]
  aliases: [default]
)";

const std::string head = "apiVersion: portolan/v1\nkind: PriceBook\nmetadata: {name: list}\n";
const std::string sound = R"(spec:
  currency: USD
  from: 2026-01-01
  items:
  - {model: small, input_per_million: "0.02", output_per_million: "0.06"}
  - {model: small, input_per_million: "0.03", output_per_million: "0.06", regions: [sg-1]}
)";

Validation with(const std::string& text) {
  return validate({{"net.yaml", network}, {"prices.yaml", text}});
}

// All that is wrong with the sound book once `from` in it is `to`.
std::string problems(const std::string& from, const std::string& to) {
  auto text = head + sound;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  std::string said;
  for (const auto& problem : with(text.replace(at, from.size(), to)).problems) {
    said += render_problem(problem) + "\n";
  }
  return said;
}

void expect_problem(const std::string& from, const std::string& to, std::string_view part) {
  const auto said = problems(from, to);
  EXPECT_NE(said.find(part), std::string::npos) << from << " > " << to << ":\n" << said;
}

TEST(ValidatePrices, RefusesAmountsThatAreNotExact) {
  const auto amount = [](const std::string& text, std::string_view part) {
    expect_problem("\"0.03\"", text, part);
  };
  amount("0.03", "prices.yaml:9:39: 'spec/items/1/input_per_million' must be in quotes");
  amount("\"0.0000000001\"", "'0.0000000001' has 10 digits after the point; 9 is the most.");
  amount("\"-0.03\"", "'-0.03' is negative.");
  amount("\"3e-2\"", "'3e-2' is not written as digits with at most one point");
  amount("\"1000000000.1\"", "money_units_max");
  amount("[1]", "'spec/items/1/input_per_million' must be text");
  expect_problem(R"(, output_per_million: "0.06", r)", ", r",
                 "'spec/items/1/output_per_million' is missing");
}

TEST(ValidatePrices, RefusesWhatTheNetworkDoesNotHave) {
  expect_problem("model: small", "model: smal", "There is no Model 'smal'. Did you mean 'small'?");
  expect_problem("model: small", "model: default", "There is no Model 'default'");
  expect_problem("[sg-1]", "[sg1]", "There is no Region 'sg1'. Did you mean 'sg-1'?");
  expect_problem("[sg-1]", "[emea]", "There is no Region 'emea'");
  expect_problem("regions: [sg-1]", "region: [sg-1]", "Did you mean 'regions'?");
}

TEST(ValidatePrices, RefusesABookWithoutDateOrCurrency) {
  expect_problem("  from: 2026-01-01\n", "", "'spec/from' is missing: the date");
  expect_problem("2026-01-01", "soon", "must be a date");
  for (const char* currency : {"usd", "US", "EURO", "U$D", "\"\""}) {
    EXPECT_FALSE(problems("USD", currency).empty()) << currency;
  }
  expect_problem("USD", "usd", "'usd' is no currency; write three upper-case letters");
}

TEST(ValidatePrices, RefusesTwoPricesOfOneThing) {
  expect_problem(", regions: [sg-1]", "", "a price of model 'small' for all regions already");
  expect_problem("\"0.06\"}", "\"0.06\", regions: [eu-central-1, sg-1]}",
                 "a price of model 'small' in region 'sg-1' already");
}

TEST(ValidatePrices, RefusesTwoBooksThatBeginTogether) {
  auto other = head + sound;
  other.replace(other.find("name: list"), 10, "name: more");
  const auto both = with(head + sound + "---\n" + other);
  ASSERT_EQ(both.problems.size(), 1u);
  EXPECT_EQ(both.problems[0].sentence,
            "The PriceBook at prices.yaml:3 is of USD and begins on that day too; which of the two "
            "holds would be chance.");
  auto euro = other;
  EXPECT_TRUE(with(head + sound + "---\n" + euro.replace(euro.find("USD"), 3, "EUR")).ok());
  EXPECT_TRUE(with(head + sound + "---\n" + other.replace(other.find("01-01"), 5, "01-02")).ok());
}

TEST(ValidatePrices, AModelOrRegionThatHasAPriceIsNotDeleted) {
  auto contents = with(head + sound).contents;
  remove(contents, Kind::region, "sg-1");
  const auto problems = validate({}, contents).problems;
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(render_problem(problems[0]), "stored PriceBook/list: There is no Region 'sg-1'.");
}

TEST(ValidatePrices, ABookIsPartOfTheWorld) {
  const auto validation = with(head + sound);
  EXPECT_TRUE(validation.ok());
  const auto& books = validation.contents.network.price_books;
  ASSERT_EQ(books.size(), 1u);
  EXPECT_EQ(books[0].items[1], (model::PriceItem{"small", {30'000'000}, {60'000'000}, {"sg-1"}}));
}

TEST(ValidatePrices, ATargetsDemandNamesACurrencyAndABound) {
  const std::string target =
      "apiVersion: portolan/v1\nkind: ParityTarget\nmetadata: {name: t}\n"
      "spec: {models: [\"*\"], regions: [\"*\"], prices: ";
  EXPECT_TRUE(with(target + "{currency: USD}}").ok());
  EXPECT_TRUE(with(target + "{currency: USD, percent_above_cheapest: 0}}").ok());
  const auto refused = [&](const std::string& prices) {
    const auto problems = with(target + prices + "}").problems;
    return problems.size() == 1 ? problems[0].sentence : std::to_string(problems.size());
  };
  EXPECT_EQ(refused("{}"), "'spec/prices/currency' is missing.");
  EXPECT_NE(refused("{currency: dollar}").find("is no currency"), std::string::npos);
  EXPECT_NE(refused("{currency: USD, percent_above_cheapest: 1001}").find("1000 % above"),
            std::string::npos);
}

}  // namespace
}  // namespace portolan::world

#include "cli/catalogue_view.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

seal::SigningKey key(unsigned char fill) {
  seal::KeySeed seed;
  seed.fill(fill);
  return seal::SigningKey(seed);
}

std::string line(const std::string& region, std::string_view models) {
  const auto control = key(2);
  seal::Subject subject{.network = "net",
                        .role = seal::Role::control,
                        .name = "control-1",
                        .key = control.verify_key(),
                        .not_before = WallTime::from_unix_seconds(0),
                        .not_after = WallTime::from_unix_seconds(4'000'000'000)};
  const seal::Signer signer{control, seal::issue_certificate(subject, key(1))};
  const seal::CatalogueFacts facts{.world = {"net", 1, 7},
                                   .world_hash = "aa",
                                   .region = region,
                                   .at = WallTime::from_unix_seconds(1'767'268'800),
                                   .models = wire::parse_json(models).value()};
  return seal::sign_catalogue(facts, signer) + "\n";
}

constexpr std::string_view three = R"([
  {"name": "big", "context": 4096, "served": true, "features": ["chat", "tools"], "lacks": [],
   "slots": 8, "prices": [{"currency": "USD", "input_per_million": "0.02",
                           "output_per_million": "0.06", "book": "list"}]},
  {"name": "poor", "context": 1024, "served": true, "features": ["chat"], "lacks": ["tools"],
   "slots": 2},
  {"name": "away", "context": 512, "served": false, "missing": "denied_by_rule",
   "why": "a rule denies it there", "rules": ["r1"]}])";

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(CatalogueView, NamesTheLineThatIsNotBelieved) {
  auto text = line("cn", three) + line("eu", three);
  text[text.size() - 40] = text[text.size() - 40] == 'A' ? 'B' : 'A';
  const auto file = verify_catalogues(text, key(1).verify_key());
  EXPECT_FALSE(file.is_valid());
  ASSERT_EQ(file.refused.size(), 1u);
  EXPECT_TRUE(has(file.refused[0], "line 2: Control 'control-1' did not sign")) << file.refused[0];
  EXPECT_TRUE(has(*render_catalogues(file, 0), "NOT VALID: line 2"));
  EXPECT_FALSE(*catalogues_json(file).find("valid")->as_bool());
}

TEST(CatalogueView, BelievesNoEmptyFileAndNoOtherRoot) {
  EXPECT_FALSE(verify_catalogues("", key(1).verify_key()).is_valid());
  EXPECT_FALSE(verify_catalogues("\n", key(1).verify_key()).is_valid());
  EXPECT_FALSE(verify_catalogues(line("cn", three), key(3).verify_key()).is_valid());
}

TEST(CatalogueView, RefusesModelsThatAreNone) {
  const auto file = verify_catalogues(line("cn", R"([{"name": 1}])"), key(1).verify_key());
  EXPECT_TRUE(file.is_valid());
  EXPECT_FALSE(render_catalogues(file, 0));
}

TEST(CatalogueView, ShowsWhatEachRegionOffers) {
  const auto file = verify_catalogues(line("cn", three) + line("eu", "[]"), key(1).verify_key());
  EXPECT_TRUE(file.is_valid());
  const auto text = render_catalogues(file, 0);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_TRUE(has(*text, "VALID: region cn of network net on 2026-01-01T12:00:00Z, World 1.7"))
      << *text;
  EXPECT_TRUE(has(*text, "big    4096     chat,tools  8      USD 0.02/0.06  served\n")) << *text;
  EXPECT_TRUE(has(*text, "poor   1024     chat        2      -              served without tools"))
      << *text;
  EXPECT_TRUE(has(*text, "not served: a rule denies it there: r1")) << *text;
  const auto json = catalogues_json(file);
  EXPECT_EQ(json.find("catalogues")->as_array()->size(), 2u);
  EXPECT_EQ(*json.find("catalogues")->as_array()->at(1).find("region")->as_string(), "eu");
}

}  // namespace
}  // namespace portolan::cli

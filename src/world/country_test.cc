#include "world/country.h"

#include <gtest/gtest.h>

#include <string>

namespace portolan::world {
namespace {

TEST(Country, RefusesWhatIsNone) {
  for (const auto* code : {"", "D", "de", "EU", "UK", "ZZ", "E A", "DEU", "D E", " D"}) {
    EXPECT_FALSE(known_country(code)) << code;
  }
}

TEST(Country, KnowsTheReferenceNetworks) {
  for (const auto* code :
       {"CN", "HK", "SG", "MY", "ID", "PH", "TH", "JP", "KR", "US", "DE", "GB", "AE", "SA", "MX"}) {
    EXPECT_TRUE(known_country(code)) << code;
  }
}

TEST(EuropeanUnion, HasTwentySevenCountriesAndNotTheUnitedKingdom) {
  int members = 0;
  for (char first = 'A'; first <= 'Z'; ++first) {
    for (char second = 'A'; second <= 'Z'; ++second) {
      const std::string code = {first, second};
      if (!in_european_union(code)) continue;
      ++members;
      EXPECT_TRUE(known_country(code)) << code;
    }
  }
  EXPECT_EQ(members, 27);
  EXPECT_FALSE(in_european_union("GB"));
  EXPECT_FALSE(in_european_union("CH"));
  EXPECT_FALSE(in_european_union("NO"));
}

}  // namespace
}  // namespace portolan::world

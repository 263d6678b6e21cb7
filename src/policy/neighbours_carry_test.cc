#include "policy/neighbours_carry.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace portolan::policy {
namespace {

using Neighbours = std::vector<PlaceLoad>;

TEST(NeighboursCarry, WhatTheyHaveFreeTogether) {
  const Neighbours two = {{8, 5}, {4, 1}};
  EXPECT_EQ(neighbours_carry(two, 6).spare, 6u);
  EXPECT_TRUE(neighbours_carry(two, 6).holds());
  EXPECT_FALSE(neighbours_carry(two, 7).holds());
}

TEST(NeighboursCarry, NobodyCarriesOnlyNothing) {
  EXPECT_TRUE(neighbours_carry({}, 0).holds());
  EXPECT_FALSE(neighbours_carry({}, 1).holds());
}

TEST(NeighboursCarry, OneThatIsOverItsSlotsLendsNothingAndTakesNothing) {
  const Neighbours two = {{8, 5}, {4, 9}};
  EXPECT_EQ(neighbours_carry(two, 3).spare, 3u);
  EXPECT_TRUE(neighbours_carry(two, 3).holds());
}

TEST(NeighboursCarry, WhatAGatewayMakesUpDoesNotOverflow) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  const Neighbours liars = {{most, 0}, {most, 0}};
  EXPECT_EQ(neighbours_carry(liars, most).spare, most);
}

}  // namespace
}  // namespace portolan::policy

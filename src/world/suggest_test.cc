#include "world/suggest.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>

namespace portolan::world {
namespace {

constexpr std::array<std::string_view, 4> known = {"city", "country", "latitude", "longitude"};

TEST(Suggestion, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(did_you_mean("gateways", known), "");
  EXPECT_EQ(did_you_mean("", known), "");
  EXPECT_EQ(did_you_mean(std::string(100'000, 'c'), known), "");
}

TEST(Suggestion, NamesTheNearest) {
  EXPECT_EQ(did_you_mean("contry", known), " Did you mean 'country'?");
  EXPECT_EQ(did_you_mean("ctiy", known), " Did you mean 'city'?");
  EXPECT_EQ(did_you_mean("lattitude", known), " Did you mean 'latitude'?");
}

TEST(EditDistance, CountsEditsAndSwaps) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("ab", "ba"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
}

TEST(EditDistance, IsSymmetricAndZeroForEqualsAlone) {
  EXPECT_TRUE(rc::check([](const std::string& first, const std::string& other) {
    RC_PRE(first.size() <= 64 && other.size() <= 64);
    RC_ASSERT(edit_distance(first, other) == edit_distance(other, first));
    RC_ASSERT((edit_distance(first, other) == 0) == (first == other));
  }));
}

}  // namespace
}  // namespace portolan::world

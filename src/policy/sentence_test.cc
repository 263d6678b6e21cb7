#include "policy/sentence.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace portolan::policy {
namespace {

TEST(InQuotes, ShowsNothingThatDoesNotPrintAndNothingLong) {
  EXPECT_EQ(in_quotes("a\r\nb\x80"), "'a??b?'");
  EXPECT_EQ(in_quotes(std::string(64, 'x')), "'" + std::string(64, 'x') + "'");
  EXPECT_EQ(in_quotes(std::string(65, 'x')), "'" + std::string(64, 'x') + "...'");
}

TEST(ListInQuotes, CountsWhatItDoesNotShow) {
  const std::vector<std::string> names{"a", "b", "c"};
  EXPECT_EQ(list_in_quotes({}), "");
  EXPECT_EQ(list_in_quotes(names), "'a', 'b', 'c'");
  EXPECT_EQ(list_in_quotes(names, 1), "'a' and 2 more");
}

}  // namespace
}  // namespace portolan::policy

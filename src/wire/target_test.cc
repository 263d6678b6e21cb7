#include "wire/target.h"

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

TEST(Targets, HoldNoByteThatReadersTakeDifferently) {
  for (const auto* text : {"/a b", "/a#", "/a\"", "/<", "/\\", "/^", "/{", "/\x7f", "/\xc3\xa9",
                           "/%", "/%4", "/%4g", "/\t"}) {
    EXPECT_FALSE(is_path(text)) << text;
    EXPECT_FALSE(is_query(text)) << text;
  }
  EXPECT_FALSE(is_path("/a?b"));
  EXPECT_FALSE(is_path("/[1]"));
}

TEST(Targets, HoldWhatStockClientsSend) {
  EXPECT_TRUE(is_path("/v1/models/a:b@c+%2F~"));
  EXPECT_TRUE(is_query("include[]=x&y=a|b?/%5B"));
  EXPECT_TRUE(is_path(""));
}

}  // namespace
}  // namespace portolan::wire

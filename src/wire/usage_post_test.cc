#include "wire/usage_post.h"

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

TEST(UsageTaken, RefusesWhatIsNone) {
  for (const auto* text :
       {"", "[]", "{}", R"({"epoch":1,"through":2,"known":3})",
        R"({"epoch":-1,"through":2,"known":3,"missing":[]})",
        R"({"epoch":1,"through":2,"known":3,"missing":[{"epoch":1,"first":5,"last":4}]})",
        R"({"epoch":1,"through":2,"known":3,"missing":[7]})"}) {
    const auto parsed = parse_usage_taken(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::malformed_peer) << text;
  }
}

TEST(UsageTaken, ComesBackAndSkipsWhatIsNew) {
  const UsageTaken taken{4, 10, 20, {{3, 1, 2}, {4, 11, 11}}};
  std::string text;
  render_usage_taken(text, taken);
  EXPECT_EQ(*parse_usage_taken(text), taken);
  text.replace(0, 1, "{\"new\":[1],");
  EXPECT_EQ(*parse_usage_taken(text), taken);
}

}  // namespace
}  // namespace portolan::wire

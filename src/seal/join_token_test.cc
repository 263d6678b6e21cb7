#include "seal/join_token.h"

#include <gtest/gtest.h>

namespace portolan::seal {
namespace {

const JoinToken token = make_join_token({1, 2, 3, 4, 5, 6}, {7, 8}, std::string(64, 'a'));

TEST(JoinToken, WhatWasCutOrMistypedIsNoneAndIsNotRepeated) {
  const auto text = render_join_token(token);
  auto mistyped = text;
  mistyped[30] = 'x';
  auto joined = text;
  joined[16] = '0';
  for (const auto& wrong : {std::string(), std::string("ptl_") + text.substr(4),
                            text.substr(0, 100), text + "0", mistyped, joined}) {
    const auto parsed = parse_join_token(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, Code::malformed_key);
    EXPECT_EQ(parsed.error().message.find(token.secret), std::string::npos);
  }
}

TEST(JoinToken, AnotherSecretIsNotTheOneThatIsStored) {
  const auto other = make_join_token({1, 2, 3, 4, 5, 6}, {7, 9}, token.authority);
  EXPECT_FALSE(is_secret_of(other, digest_of_secret(token)));
  EXPECT_FALSE(is_secret_of(token, ""));
  EXPECT_TRUE(is_secret_of(token, digest_of_secret(token)));
  EXPECT_NE(digest_of_secret(token), token.secret);
}

TEST(JoinToken, ReadsBackAsItWas) {
  const auto parsed = parse_join_token(render_join_token(token));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, token);
}

}  // namespace
}  // namespace portolan::seal

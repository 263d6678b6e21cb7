#include "engines/sim_tokens.h"

#include <gtest/gtest.h>

#include <string>

namespace portolan::engines {
namespace {

TEST(SimTokens, CountsRunsWithTheirSpaceAndOtherBytesAlone) {
  EXPECT_EQ(count_tokens(""), 0u);
  EXPECT_EQ(count_tokens("Say hello, you"), 4u);
  EXPECT_EQ(count_tokens("abcdefghi"), 2u);
  EXPECT_EQ(count_tokens("  a\n"), 3u);
}

TEST(SimTokens, EveryWordOfAnAnswerIsOneToken) {
  std::string text;
  for (std::size_t at = 0; at < 500; ++at) text += answer_word(7, 11, at);
  EXPECT_EQ(count_tokens(text), 500u);
}

TEST(SimTokens, AnswersAreAFunctionOfSeedAndPrompt) {
  EXPECT_EQ(answer_word(1, 2, 3), answer_word(1, 2, 3));
  std::string first;
  std::string other;
  for (std::size_t at = 0; at < 20; ++at) {
    first += answer_word(1, 2, at);
    other += answer_word(1, 3, at);
  }
  EXPECT_NE(first, other);
}

TEST(PrefixCache, NeverHoldsTheWholePrompt) {
  PrefixCache cache(4);
  const auto prompt = tokenize("one two three");
  EXPECT_EQ(cache.find(prompt), 0u);
  cache.keep(prompt);
  EXPECT_EQ(cache.find(prompt), prompt.size() - 1);
}

TEST(PrefixCache, ForgetsWhatWasUnusedForLongest) {
  PrefixCache cache(2);
  const auto first = tokenize("aa bb cc");
  const auto other = tokenize("dd ee ff");
  cache.keep(first);
  cache.keep(other);
  EXPECT_GT(cache.find(first), 0u);
  cache.keep(tokenize("gg hh ii"));
  EXPECT_GT(cache.find(first), 0u);
  EXPECT_EQ(cache.find(other), 0u);
}

TEST(PrefixCache, GrowsAConversationInPlace) {
  PrefixCache cache(2);
  cache.keep(tokenize("xx yy"));
  cache.keep(tokenize("aa"));
  cache.keep(tokenize("aa bb"));
  EXPECT_EQ(cache.find(tokenize("xx yy zz")), 2u);
}

}  // namespace
}  // namespace portolan::engines

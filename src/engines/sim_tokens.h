#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

namespace portolan::engines {

// A token of the simulator's tokenizer: the hash of its bytes.
using TokenHash = std::uint32_t;

// Splits text into tokens: an ASCII letter or digit, or a byte from 0x80, joins
// its like up to `token_bytes_max`; one space before such a run belongs to it;
// every other byte is a token. "Say hello, you" is |Say| hello|,| you|.
inline constexpr std::size_t token_bytes_max = 8;
std::vector<TokenHash> tokenize(std::string_view text, std::size_t bytes_max = token_bytes_max);
std::size_t count_tokens(std::string_view text);

// What an engine still has of earlier requests: the longest common beginning
// costs no prefill. Forgets the one unused for longest.
//
// Lives on: one shard.  Owner: one simulated engine.
// Invariants: at most `prompts_max` are kept.
class PrefixCache {
 public:
  explicit PrefixCache(std::size_t prompts_max) : prompts_max_(prompts_max) {}

  // Tokens of this prompt that are held already; all but one at most, because
  // the last one is always computed anew.
  std::size_t find(const std::vector<TokenHash>& prompt);
  // Holds a prompt with its answer. Takes the place of what it begins with.
  void keep(std::vector<TokenHash> tokens);

 private:
  std::size_t prompts_max_;
  std::deque<std::vector<TokenHash>> kept_;  // the last one was used last
};

// Word `at` of the answer to a prompt; always one token. The first has no space
// before it.
std::string_view answer_word(std::uint64_t seed, std::uint64_t prompt, std::size_t at);
// How long the answer is when nobody bounds it.
std::size_t answer_length(std::uint64_t seed, std::uint64_t prompt);
// All of a prompt as one number.
std::uint64_t hash_of(const std::vector<TokenHash>& prompt);

}  // namespace portolan::engines

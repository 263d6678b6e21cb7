#include "engines/sim_tokens.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/random.h"

namespace portolan::engines {
namespace {

constexpr std::array<std::string_view, 64> words = {
    " anchor", " bay",   " beacon",  " berth",    " bow",    " bridge",  " buoy",    " cabin",
    " cargo",  " chart", " coast",   " compass",  " course", " crew",    " current", " deck",
    " depth",  " dock",  " east",    " ebb",      " ferry",  " fleet",   " flood",   " fog",
    " gale",   " gull",  " harbour", " haul",     " helm",   " horizon", " hull",    " island",
    " keel",   " knot",  " lantern", " latitude", " lee",    " lookout", " map",     " mast",
    " moor",   " north", " oar",     " ocean",    " pilot",  " pier",    " port",    " quay",
    " reef",   " rope",  " rudder",  " sail",     " salt",   " shore",   " signal",  " south",
    " star",   " storm", " swell",   " tide",     " voyage", " watch",   " west",    " wind"};

constexpr std::size_t answer_length_min = 16;
constexpr std::size_t answer_length_spread = 112;

bool joins(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const auto lower = static_cast<unsigned char>(byte | 0x20);
  return (byte >= '0' && byte <= '9') || (lower >= 'a' && lower <= 'z') || byte >= 0x80;
}

// Bytes of the token at the start of `text`, which is not empty.
std::size_t token_size(std::string_view text, std::size_t bytes_max) {
  std::size_t size = 0;
  if (text[0] == ' ' && text.size() > 1 && joins(text[1])) size = 1;
  const std::size_t run = size;
  while (size < text.size() && joins(text[size]) && size - run < bytes_max) ++size;
  return std::max<std::size_t>(size, 1);
}

// FNV-1a.
TokenHash hash_of(std::string_view token) {
  TokenHash hash = 2166136261u;
  for (const char c : token) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

std::size_t common_beginning(const std::vector<TokenHash>& first,
                             const std::vector<TokenHash>& other) {
  const auto [end, unused] = std::ranges::mismatch(first, other);
  return static_cast<std::size_t>(end - first.begin());
}

}  // namespace

std::vector<TokenHash> tokenize(std::string_view text, std::size_t bytes_max) {
  std::vector<TokenHash> tokens;
  tokens.reserve(text.size() / 4);
  while (!text.empty()) {
    const std::size_t size = token_size(text, bytes_max);
    tokens.push_back(hash_of(text.substr(0, size)));
    text.remove_prefix(size);
  }
  return tokens;
}

std::size_t count_tokens(std::string_view text) { return tokenize(text).size(); }

std::size_t PrefixCache::find(const std::vector<TokenHash>& prompt) {
  std::size_t best = 0;
  auto best_at = kept_.end();
  for (auto at = kept_.begin(); at != kept_.end(); ++at) {
    const std::size_t common = common_beginning(*at, prompt);
    if (common < best || common == 0) continue;
    best = common;
    best_at = at;
  }
  if (best_at != kept_.end()) std::rotate(best_at, best_at + 1, kept_.end());
  return std::min(best, prompt.empty() ? 0 : prompt.size() - 1);
}

void PrefixCache::keep(std::vector<TokenHash> tokens) {
  std::erase_if(kept_, [&](const std::vector<TokenHash>& old) {
    return common_beginning(old, tokens) == old.size();
  });
  kept_.push_back(std::move(tokens));
  if (kept_.size() > prompts_max_) kept_.pop_front();
}

std::string_view answer_word(std::uint64_t seed, std::uint64_t prompt, std::size_t at) {
  Random random(seed ^ (prompt + 0x9E3779B97F4A7C15u * (at + 1)));
  const std::string_view word = words[random.below(words.size())];
  return at == 0 ? word.substr(1) : word;
}

std::size_t answer_length(std::uint64_t seed, std::uint64_t prompt) {
  Random random(seed + prompt);
  return answer_length_min + random.below(answer_length_spread);
}

std::uint64_t hash_of(const std::vector<TokenHash>& prompt) {
  std::uint64_t hash = 14695981039346656037u;
  for (const TokenHash token : prompt) hash = (hash ^ token) * 1099511628211u;
  return hash;
}

}  // namespace portolan::engines

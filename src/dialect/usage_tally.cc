#include "dialect/usage_tally.h"

#include <algorithm>
#include <numeric>

#include "dialect/json_walk.h"

namespace portolan::dialect {
namespace {

std::uint64_t believed(std::optional<std::uint64_t> told) {
  return told && *told <= told_max ? *told : 0;
}

void raise(Tokens& tokens, std::uint64_t to) { tokens.value = std::max(tokens.value, to); }

}  // namespace

void UsageTally::read(std::string_view text, const wire::ScannedObject& chunk,
                      std::optional<std::uint64_t> choice) {
  auto told = told_usage(text, chunk);
  if (!told) told = told_timings(text, chunk);
  if (!told) return;
  if (counts_.estimated) counts_ = {};
  if (choice && *choice < choices_counted_max.value) {
    if (by_choice_.size() <= *choice) by_choice_.resize(*choice + 1);
    by_choice_[*choice] = std::max(by_choice_[*choice], told->completion);
    told->completion = std::accumulate(by_choice_.begin(), by_choice_.end(), std::uint64_t{0});
  }
  raise(counts_.prompt, told->prompt);
  raise(counts_.completion, told->completion);
  raise(counts_.cached, std::min(told->cached, counts_.prompt.value));
}

void UsageTally::count_content() {
  ++content_chunks_;
  if (counts_.estimated) counts_.completion.value = content_chunks_;
}

std::optional<UsageTally::Told> UsageTally::told_usage(std::string_view text,
                                                       const wire::ScannedObject& chunk) {
  const wire::ScannedMember* usage = chunk.find("usage");
  if (usage == nullptr || usage->kind != wire::JsonKind::object) return std::nullopt;
  Told told;
  std::optional<std::uint64_t> completion;
  for (JsonWalk walk(text, usage->value); walk.next();) {
    if (walk.key() == "prompt_tokens") {
      told.prompt = believed(whole_number(walk.text()));
    } else if (walk.key() == "completion_tokens") {
      completion = whole_number(walk.text());
    } else if (walk.key() == "prompt_tokens_details") {
      told.cached = believed(find_number(text, walk.value(), "cached_tokens"));
    }
  }
  if (!completion) return std::nullopt;
  told.completion = believed(completion);
  return told;
}

std::optional<UsageTally::Told> UsageTally::told_timings(std::string_view text,
                                                         const wire::ScannedObject& chunk) {
  const wire::ScannedMember* timings = chunk.find("timings");
  if (timings == nullptr || timings->kind != wire::JsonKind::object) return std::nullopt;
  Told told;
  std::optional<std::uint64_t> completion;
  for (JsonWalk walk(text, timings->value); walk.next();) {
    if (walk.key() == "cache_n") {
      told.cached = believed(whole_number(walk.text()));
    } else if (walk.key() == "prompt_n") {
      told.prompt = believed(whole_number(walk.text()));
    } else if (walk.key() == "predicted_n") {
      completion = whole_number(walk.text());
    }
  }
  if (!completion) return std::nullopt;
  told.completion = believed(completion);
  told.prompt += told.cached;
  return told;
}

}  // namespace portolan::dialect

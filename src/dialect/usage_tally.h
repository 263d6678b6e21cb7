#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "wire/frame_payload.h"
#include "wire/json_scan.h"

namespace portolan::dialect {

// The tokens of one answer, as the engine tells them in `usage` (OpenAI, vLLM,
// SGLang) or `timings` (llama.cpp), or as counted here until it does.
//
// What was told never goes down, and replaces what was counted here. With several choices,
// llama.cpp and vLLM's running counts speak of one choice each: they are kept apart and added up.
class UsageTally {
 public:
  // Reads what `chunk` says; `choice` is the index of the choice in it, nothing
  // when the chunk speaks of the whole answer.
  void read(std::string_view text, const wire::ScannedObject& chunk,
            std::optional<std::uint64_t> choice);

  // A chunk carried output: stands for one token while nothing was told.
  void count_content();

  const wire::UsageCounts& counts() const { return counts_; }

 private:
  struct Told {
    std::uint64_t prompt = 0;
    std::uint64_t completion = 0;
    std::uint64_t cached = 0;
  };
  static std::optional<Told> told_usage(std::string_view text, const wire::ScannedObject& chunk);
  static std::optional<Told> told_timings(std::string_view text, const wire::ScannedObject& chunk);

  wire::UsageCounts counts_{.prompt = {}, .completion = {}, .cached = {}, .estimated = true};
  std::uint64_t content_chunks_ = 0;
  std::vector<std::uint64_t> by_choice_;
};

inline constexpr Limit choices_counted_max{"choices_counted_max", 1024,
                                           "choices of one answer whose tokens are told apart"};
inline constexpr std::uint64_t told_max = std::uint64_t{1} << 40;  // more is no count of tokens

}  // namespace portolan::dialect

#pragma once

#include <string>
#include <string_view>

#include "base/limits.h"
#include "wire/json_scan.h"

namespace portolan::dialect {

// The sentence in an engine's error, to be shown to its client: `message` of the
// object at `error`, or the string there. Empty when there is none, when it is
// longer than a sentence, or when it shows a URL: engines' addresses stay inside.
std::string engine_says(std::string_view text, wire::Range error);

inline constexpr Limit engine_sentence_bytes_max{"engine_sentence_bytes_max", 1024,
                                                 "an engine's own words in our error"};

}  // namespace portolan::dialect

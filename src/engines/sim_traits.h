#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portolan::engines {

// In what an engine differs from the others of its model, as if it had been set up otherwise.
// Stands until it is ordered anew; what it does wrong now and then is a FaultOrder.
struct SimTraits {
  bool other_weights = false;    // other text, of the same form
  bool other_template = false;   // a system message before those that have none
  bool other_tokenizer = false;  // shorter tokens
  bool miscounts = false;        // usage tells twice the tokens of an answer
  bool no_stream_usage = false;  // streams tell no counts, whatever is asked
  bool unknown_name = false;     // its list has the model under another name
  std::optional<std::size_t> context{};
  std::optional<std::size_t> slots{};
  friend bool operator==(const SimTraits&, const SimTraits&) = default;
};

// Reads {"other_weights": true, "context": 512, ...}; what is left out is as usual.
// Errors: invalid_parameter, malformed_json.
Result<SimTraits> parse_sim_traits(std::string_view body);
std::string render_sim_traits(const SimTraits& traits);

}  // namespace portolan::engines

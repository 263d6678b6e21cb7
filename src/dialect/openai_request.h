#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "model/request_facts.h"
#include "wire/json_scan.h"

namespace portolan::dialect {

// What was read of a request's body, and where its members lie. Holds views of
// the body, which must stay where it is.
struct ReadRequest {
  model::RequestFacts facts;
  bool wants_running_usage = false;  // the client's own stream_options.continuous_usage_stats
  bool wants_timings = false;        // the client's own timings_per_token (llama.cpp)

  wire::ScannedObject body;
  std::optional<wire::ScannedObject> stream_options;  // offsets from the body's start, too
};

// Reads the body of a request in OpenAI's dialect, at entry and executor alike.
// What we do not read is left to the engine to judge, but every byte is JSON.
// A member that is null counts as left out.
//
// Faults: malformed_json, escaped_key, repeated_key, invalid_parameter. Where
// one member is to blame, `param` is set to its name as OpenAI writes it
// ("stream_options.include_usage"), for ErrorContext::param.
Result<ReadRequest> read_request(model::Endpoint endpoint, std::string_view body,
                                 std::string& param);

inline constexpr Limit model_name_bytes_max{"model_name_bytes_max", 256,
                                            "a model's name stands in logs and envelopes"};
inline constexpr Limit narrowing_bytes_max{"narrowing_bytes_max", 4096,
                                           "the member 'portolan' travels in an envelope's head"};

}  // namespace portolan::dialect

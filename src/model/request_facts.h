#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace portolan::model {

// What a request asks about where it may run: header `portolan-scope` and the
// body member `portolan`. It can only narrow. By name; a name that nobody knows
// denies.
struct Narrowing {
  std::string scope;                // a scope of the World; empty: no bound of its own
  std::vector<std::string> only;    // members as in a Scope; empty: no bound
  std::vector<std::string> ignore;  // members as in a Scope
  friend bool operator==(const Narrowing&, const Narrowing&) = default;
};

enum class Endpoint : std::uint8_t { chat_completions, completions };

// What decisions need of a request, and nothing of its content.
struct RequestFacts {
  Endpoint endpoint = Endpoint::chat_completions;
  std::string model;  // as the client named it
  Narrowing narrowing;
  bool stream = false;
  bool wants_usage = false;  // stream_options.include_usage
  friend bool operator==(const RequestFacts&, const RequestFacts&) = default;
};

}  // namespace portolan::model

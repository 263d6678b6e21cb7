#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "wire/fields.h"

namespace portolan::wire {

// How the end of a body is found (RFC 9112 section 6).
struct Framing {
  enum class Kind : std::uint8_t { none, length, chunked, until_close };

  Kind kind = Kind::none;
  std::uint64_t length = 0;  // of Kind::length; below 2^63

  static constexpr Framing none() { return {}; }
  static constexpr Framing of_length(std::uint64_t n) { return {Kind::length, n}; }
  static constexpr Framing chunked() { return {Kind::chunked, 0}; }
  static constexpr Framing until_close() { return {Kind::until_close, 0}; }

  friend bool operator==(const Framing&, const Framing&) = default;
};

// A request's head. Its views point into the bytes that were parsed. Keep one
// for each connection and give it to parse_request_head again: its memory, and
// how far it has looked for the head's end, stay with it.
struct RequestHead {
  std::string_view method;
  std::string_view target;   // as sent
  std::string_view path;     // begins with '/', or is "*"; still percent-encoded
  std::string_view query;    // behind '?', without it
  std::string_view host;     // of the Host field, or of an absolute target, which wins
  bool old_version = false;  // HTTP/1.0, else HTTP/1.1
  Fields fields;

  Framing framing;  // none, length or chunked
  bool keep_alive = false;
  bool expects_continue = false;  // Expect: 100-continue, of HTTP/1.1
  bool expects_unknown = false;   // another expectation: answer 417

  std::size_t looked_at = 0;  // bytes known not to hold the head's end
};

// A response's head; see RequestHead.
struct ResponseHead {
  int status = 0;            // 100 to 599
  std::string_view reason;   // may be empty
  bool old_version = false;  // HTTP/1.0
  Fields fields;

  Framing framing;
  bool keep_alive = false;  // may carry another request when the body was read

  std::size_t looked_at = 0;
};

// Reads the head at the start of `buffered`, which is all that has arrived so
// far, strictly by RFC 9112. Returns how many bytes the head takes, or 0 while
// its end is missing; call again with the same bytes and more behind them,
// wherever they lie then. One empty line before the head is skipped.
//
// Faults: malformed_request, head_too_large (limits head_bytes_max,
// headers_max), unsupported_version. After a fault the connection is lost: no
// byte behind can be trusted.
Result<std::size_t> parse_request_head(std::string_view buffered, RequestHead& head);

// The same for a response to a request of that method, which decides whether a
// body follows. An interim head (1xx) has no body; call again for the final
// one. Faults: malformed_peer, also for limits and versions.
Result<std::size_t> parse_response_head(std::string_view buffered, std::string_view request_method,
                                        ResponseHead& head);

}  // namespace portolan::wire

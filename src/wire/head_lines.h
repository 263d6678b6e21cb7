#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "wire/fields.h"

namespace portolan::wire {

// The codes of a head's faults: a client's differ, a peer's are all the same.
struct HeadCodes {
  Code malformed;
  Code too_large;
  Code version;
};

// What the fields of any head say about its body and its connection.
struct HeadFacts {
  std::optional<std::string_view> host;
  std::optional<std::uint64_t> content_length;  // not together with `chunked`
  bool chunked = false;
  bool close = false;
  bool keep_alive = false;
  bool expects_continue = false;
  bool expects_unknown = false;
};

// Bytes of the head at the start of `buffered`, its empty line included, or 0
// while that is missing. Every line must end in CRLF. An empty line before the
// head counts as a part of it. `looked_at` is kept between calls.
Result<std::size_t> find_head_end(std::string_view buffered, std::size_t& looked_at,
                                  const HeadCodes& codes);

// Takes the first line off `head`, without its CRLF.
std::string_view take_line(std::string_view& head);

// Reads the lines behind the first up to the empty one into `fields`.
Result<HeadFacts> parse_fields(std::string_view lines, Fields& fields, const HeadCodes& codes);

// Without the spaces and tabs at both ends.
std::string_view trimmed(std::string_view text);

// host[:port] of RFC 3986 with no user: a name, IPv4, or [IPv6]; may be empty.
bool is_authority(std::string_view text);

}  // namespace portolan::wire

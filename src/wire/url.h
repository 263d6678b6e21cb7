#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portolan::wire {

// Where an engine, gateway or control process is reached.
struct Url {
  bool tls = false;
  std::string host;         // lower case; a DNS name, IPv4, or IPv6 without brackets
  std::uint16_t port = 0;   // 80 or 443 where the text had none
  std::string path_prefix;  // "" or "/v1": no '/' at its end

  friend bool operator==(const Url&, const Url&) = default;
};

// Reads `http(s)://host[:port][/prefix]`. No user, query or fragment. `blame`
// is the fault's code.
Result<Url> parse_url(std::string_view text, Code blame = Code::bad_configuration);

// The shortest text that reads back as the same; a usual port is left out.
std::string render_url(const Url& url);

// "host:port" or "host", as a Host field wants it: IPv6 in brackets, a usual
// port left out.
std::string render_authority(const Url& url);

// Undoes percent-encoding, or nothing for a '%' without two digits behind it, a
// NUL or other control character, or a result that is no UTF-8. A path segment
// may come to hold '/', so split before decoding.
std::optional<std::string> decode_percent(std::string_view text);

// The same for a name or value of a query, where '+' is a space.
std::optional<std::string> decode_query_text(std::string_view text);

// The value of the first parameter of that name, decoded. Nothing when it is
// missing; an empty string for `?name` and `?name=`. A fault invalid_parameter
// when the name's value is encoded wrongly or the name comes twice.
Result<std::optional<std::string>> find_parameter(std::string_view query, std::string_view name);

// Appends `text` so that it may stand as one path segment or query value.
void append_percent_encoded(std::string& out, std::string_view text);

}  // namespace portolan::wire

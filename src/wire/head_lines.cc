#include "wire/head_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace portolan::wire {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

Fault malformed(const HeadCodes& codes, std::string what) {
  return {.code = codes.malformed, .message = std::move(what)};
}

Fault too_large(const HeadCodes& codes) {
  return {.code = codes.too_large,
          .message = fmt::format("The head is longer than {} bytes (head_bytes_max).",
                                 limits::head_bytes_max.value)};
}

// Eighteen digits at most: always below 2^63, with no overflow on the way.
std::optional<std::uint64_t> parse_length(std::string_view value) {
  if (value.empty() || value.size() > 18 || !std::ranges::all_of(value, is_digit)) {
    return std::nullopt;
  }
  std::uint64_t length = 0;
  for (const char c : value) {
    length = length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return length;
}

void note_connection(std::string_view list, HeadFacts& facts) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    const auto option = trimmed(list.substr(0, comma));
    facts.close = facts.close || equal_ignoring_case(option, "close");
    facts.keep_alive = facts.keep_alive || equal_ignoring_case(option, "keep-alive");
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

// The functions below return a sentence when something is wrong, else null: a
// Result for each field would cost as much as parsing it.

const char* note_length(std::string_view value, HeadFacts& facts) {
  if (facts.content_length) {
    return "Content-Length comes more than once.";
  }
  facts.content_length = parse_length(value);
  return facts.content_length ? nullptr : "Content-Length is not a number of at most 18 digits.";
}

const char* note_coding(std::string_view value, HeadFacts& facts) {
  if (facts.chunked) {
    return "Transfer-Encoding comes more than once.";
  }
  facts.chunked = equal_ignoring_case(value, "chunked");
  return facts.chunked ? nullptr : "Transfer-Encoding is something else than exactly 'chunked'.";
}

const char* note_host(std::string_view value, HeadFacts& facts) {
  if (facts.host) {
    return "Host comes more than once.";
  }
  facts.host = value;
  return nullptr;
}

void note_expectation(std::string_view value, HeadFacts& facts) {
  const bool known = equal_ignoring_case(value, "100-continue");
  facts.expects_continue = facts.expects_continue || known;
  facts.expects_unknown = facts.expects_unknown || !known;
}

// The fields that decide about framing and connection; told apart by length
// first, because most fields are none of them.
const char* note_field(Field field, HeadFacts& facts) {
  const auto named = [&](std::string_view name) { return equal_ignoring_case(field.name, name); };
  switch (field.name.size()) {
    case 4:
      return named("host") ? note_host(field.value, facts) : nullptr;
    case 6:
      if (named("expect")) {
        note_expectation(field.value, facts);
      }
      return nullptr;
    case 10:
      if (named("connection")) {
        note_connection(field.value, facts);
      }
      return nullptr;
    case 14:
      return named("content-length") ? note_length(field.value, facts) : nullptr;
    case 17:
      return named("transfer-encoding") ? note_coding(field.value, facts) : nullptr;
    default:
      return nullptr;
  }
}

const char* parse_field(std::string_view line, Field& field) {
  if (is_blank(line.front())) {
    return "A field is folded over two lines, which RFC 9112 forbids.";
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) {
    return "A field has no colon.";
  }
  field = {.name = line.substr(0, colon), .value = trimmed(line.substr(colon + 1))};
  if (!is_token(field.name)) {
    return "A field's name has a character that names may not have.";
  }
  if (!is_field_value(field.value)) {
    return "A field's value has a control character.";
  }
  const auto behind = line.substr(static_cast<std::size_t>(field.value.end() - line.begin()));
  if (!behind.empty() && behind.contains('\t') && !field.value.empty()) {
    // http-parser takes "chunked<tab>" for another coding than "chunked".
    return "A field's value ends in a tab, which readers disagree about.";
  }
  return nullptr;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, is_digit) &&
         *parse_length(text) <= 65535;
}

bool is_name_byte(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
         c == '_' || c == '~';
}

bool is_ipv6_byte(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

Result<std::size_t> find_head_end(std::string_view buffered, std::size_t& looked_at,
                                  const HeadCodes& codes) {
  const auto within = buffered.substr(0, limits::head_bytes_max.count());
  while (looked_at < within.size()) {
    const auto lf = within.find('\n', looked_at);
    if (lf == std::string_view::npos) {
      looked_at = within.size();
      break;
    }
    if (lf == 0 || within[lf - 1] != '\r') {
      return malformed(codes, "A line of the head ends in LF without CR.");
    }
    looked_at = lf + 1;
    if (lf >= 2 && within[lf - 2] == '\n') {
      return looked_at;
    }
  }
  if (buffered.size() >= limits::head_bytes_max.count()) {
    return too_large(codes);
  }
  return std::size_t{0};
}

std::string_view take_line(std::string_view& head) {
  const auto lf = head.find('\n');
  const auto line = head.substr(0, lf - 1);
  head.remove_prefix(lf + 1);
  return line;
}

Result<HeadFacts> parse_fields(std::string_view lines, Fields& fields, const HeadCodes& codes) {
  HeadFacts facts;
  for (auto line = take_line(lines); !line.empty(); line = take_line(lines)) {
    if (fields.size() == limits::headers_max.count()) {
      return Fault{.code = codes.too_large,
                   .message = fmt::format("The head has more than {} fields (headers_max).",
                                          limits::headers_max.value)};
    }
    Field field;
    const char* wrong = parse_field(line, field);
    if (wrong == nullptr) {
      wrong = note_field(field, facts);
    }
    if (wrong != nullptr) {
      return malformed(codes, wrong);
    }
    fields.add(field);
  }
  if (facts.content_length && facts.chunked) {
    return malformed(codes, "The head has both Content-Length and Transfer-Encoding.");
  }
  return facts;
}

bool is_authority(std::string_view text) {
  const auto host_end =
      text.starts_with('[') ? text.find(']') + 1 : std::min(text.find(':'), text.size());
  if (host_end == 0 && text.starts_with('[')) {
    return false;
  }
  auto host = text.substr(0, host_end);
  const auto rest = text.substr(host_end);
  if (host.starts_with('[')) {
    host = host.substr(1, host.size() - 2);
    if (host.empty() || !std::ranges::all_of(host, is_ipv6_byte)) {
      return false;
    }
  } else if (!std::ranges::all_of(host, is_name_byte)) {
    return false;
  }
  if (rest.empty()) {
    return true;
  }
  return !host.empty() && rest.front() == ':' && is_port(rest.substr(1));
}

}  // namespace portolan::wire

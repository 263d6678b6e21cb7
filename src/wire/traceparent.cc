#include "wire/traceparent.h"

#include <algorithm>
#include <span>

namespace portolan::wire {
namespace {

constexpr std::size_t length_known = 55;
constexpr std::uint8_t sampled = 1;

int lower_hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool parse_bytes(std::string_view text, std::span<std::uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = lower_hex_value(text[2 * i]);
    const int low = lower_hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) {
      return false;
    }
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

bool is_zero(std::span<const std::uint8_t> bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

void append_bytes(std::string& out, std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const auto byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

void draw_bytes(std::span<std::uint8_t> bytes, Random& random) {
  do {
    for (auto& byte : bytes) {
      byte = static_cast<std::uint8_t>(random.below(256));
    }
  } while (is_zero(bytes));
}

}  // namespace

std::optional<TraceParent> parse_traceparent(std::string_view value) {
  if (value.size() < length_known || value[2] != '-' || value[35] != '-' || value[52] != '-') {
    return std::nullopt;
  }
  std::uint8_t version = 0;
  std::uint8_t flags = 0;
  TraceParent trace;
  const bool read =
      parse_bytes(value, {&version, 1}) && parse_bytes(value.substr(3), trace.trace_id) &&
      parse_bytes(value.substr(36), trace.parent_id) && parse_bytes(value.substr(53), {&flags, 1});
  const bool more = value.size() > length_known;
  if (!read || version == 0xff || (more && (version == 0 || value[length_known] != '-')) ||
      is_zero(trace.trace_id) || is_zero(trace.parent_id)) {
    return std::nullopt;
  }
  trace.flags = flags & sampled;
  return trace;
}

TraceParent child_of(const TraceParent& parent, Random& random) {
  TraceParent child = parent;
  child.flags &= sampled;
  draw_bytes(child.parent_id, random);
  return child;
}

TraceParent new_trace(Random& random) {
  TraceParent trace;
  draw_bytes(trace.trace_id, random);
  draw_bytes(trace.parent_id, random);
  return trace;
}

std::string render_traceparent(const TraceParent& trace) {
  std::string out = "00-";
  append_bytes(out, trace.trace_id);
  out += '-';
  append_bytes(out, trace.parent_id);
  out += '-';
  append_bytes(out, {&trace.flags, 1});
  return out;
}

std::string render_trace_id(const TraceParent& trace) {
  std::string out;
  append_bytes(out, trace.trace_id);
  return out;
}

}  // namespace portolan::wire

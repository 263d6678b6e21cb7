#include <charconv>

#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace portolan::wire {
namespace {

constexpr std::size_t indent = 2;

void append_scalar(std::string& out, const Json& value) {
  JsonWriter writer(out);
  switch (value.kind()) {
    case JsonKind::null:
      writer.null();
      return;
    case JsonKind::boolean:
      writer.value(*value.as_bool());
      return;
    case JsonKind::string:
      writer.value(*value.as_string());
      return;
    case JsonKind::number:
      // Exactly where it is whole, so that nothing is rounded on the way.
      if (const auto whole = value.as_int64()) {
        writer.value(*whole);
      } else if (const auto large = value.as_uint64()) {
        writer.value(*large);
      } else {
        writer.value(*value.as_double());
      }
      return;
    case JsonKind::array:
    case JsonKind::object:
      return;
  }
}

void append_line(std::string& out, std::size_t level) {
  out += '\n';
  out.append(level * indent, ' ');
}

void append_pretty(std::string& out, const Json& value, std::size_t level) {
  std::size_t count = 0;
  if (const auto* elements = value.as_array()) {
    out += '[';
    for (const Json& element : *elements) {
      out += count++ == 0 ? "" : ",";
      append_line(out, level + 1);
      append_pretty(out, element, level + 1);
    }
    if (count > 0) {
      append_line(out, level);
    }
    out += ']';
  } else if (const auto* members = value.as_object()) {
    out += '{';
    for (const auto& [name, member] : *members) {
      out += count++ == 0 ? "" : ",";
      append_line(out, level + 1);
      append_json_string(out, name);
      out += ": ";
      append_pretty(out, member, level + 1);
    }
    if (count > 0) {
      append_line(out, level);
    }
    out += '}';
  } else {
    append_scalar(out, value);
  }
}

}  // namespace

void render_canonical(std::string& out, const Json& value) {
  std::size_t count = 0;
  if (const auto* elements = value.as_array()) {
    out += '[';
    for (const Json& element : *elements) {
      out += count++ == 0 ? "" : ",";
      render_canonical(out, element);
    }
    out += ']';
  } else if (const auto* members = value.as_object()) {
    out += '{';
    for (const auto& [name, member] : *members) {
      out += count++ == 0 ? "" : ",";
      append_json_string(out, name);
      out += ':';
      render_canonical(out, member);
    }
    out += '}';
  } else {
    append_scalar(out, value);
  }
}

std::string render_canonical(const Json& value) {
  std::string out;
  render_canonical(out, value);
  return out;
}

void render_pretty(std::string& out, const Json& value) { append_pretty(out, value, 0); }

std::string render_pretty(const Json& value) {
  std::string out;
  render_pretty(out, value);
  return out;
}

}  // namespace portolan::wire

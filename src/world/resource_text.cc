#include "world/resource_text.h"

#include <array>

#include "world/field_writer.h"

namespace portolan::world {
namespace {

// May it stand in YAML without quotes, and be read as text by every reader?
bool plain(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr std::string_view rest = "0123456789._/-";
  // What YAML 1.1 or 1.2 takes for a truth or for nothing, in lower case.
  constexpr std::array<std::string_view, 9> words = {"true", "false", "yes", "no", "on",
                                                     "off",  "null",  "y",   "n"};
  if (text.empty() || letters.find(text.front()) == std::string_view::npos) return false;
  std::string lower;
  for (const char c : text) {
    const bool letter = letters.find(c) != std::string_view::npos;
    if (!letter && rest.find(c) == std::string_view::npos) return false;
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  for (const auto word : words) {
    if (lower == word) return false;
  }
  return true;
}

void append_text(std::string& out, std::string_view text) {
  if (plain(text)) {
    out += text;
  } else {
    wire::render_canonical(out, wire::Json(text));
  }
}

bool nests(const wire::Json& json) {
  const auto* array = json.as_array();
  const auto* object = json.as_object();
  return (array && !array->empty()) || (object && !object->empty());
}

// A list of plain values, which fits on one line.
bool flat(const wire::Json::Array& array) {
  for (const auto& item : array) {
    if (nests(item)) return false;
  }
  return true;
}

void append_value(std::string& out, const wire::Json& json, std::size_t level);

void append_flat(std::string& out, const wire::Json& json) {
  if (const auto* text = json.as_string()) {
    append_text(out, *text);
  } else if (const auto* array = json.as_array()) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ", ";
      append_flat(out, (*array)[i]);
    }
    out += ']';
  } else {
    wire::render_canonical(out, json);
  }
}

void append_members(std::string& out, const wire::Json::Object& members, std::size_t level) {
  bool first = true;
  for (const auto& [name, value] : members) {
    if (!std::exchange(first, false)) out.append(level * 2, ' ');
    append_text(out, name);
    out += ':';
    append_value(out, value, level + 1);
  }
}

// What stands behind "key:", with the line feed at its end.
void append_value(std::string& out, const wire::Json& json, std::size_t level) {
  const auto* object = json.as_object();
  const auto* array = json.as_array();
  if (object && !object->empty()) {
    out.append("\n").append(level * 2, ' ');
    append_members(out, *object, level);
  } else if (array && !flat(*array)) {
    for (const auto& item : *array) {
      out.append("\n").append(level * 2, ' ').append("- ");
      if (item.as_object() && nests(item)) {
        append_members(out, *item.as_object(), level + 1);
        out.pop_back();
      } else {
        append_flat(out, item);
      }
    }
    out += '\n';
  } else {
    out += ' ';
    append_flat(out, json);
    out += '\n';
  }
}

}  // namespace

wire::Json resource_json(const Resource& resource) {
  FieldWriter metadata;
  FieldWriter spec;
  std::visit(
      [&](auto value) {  // a copy, because a shape is described on what it may change
        describe_metadata(metadata, value);
        describe(spec, value);
      },
      resource);
  auto json = wire::Json::object();
  json.set("apiVersion", "portolan/v1");
  json.set("kind", name_of(kind_of(resource)));
  json.set("metadata", metadata.take());
  json.set("spec", spec.take());
  return json;
}

std::string render_yaml(const std::vector<Resource>& resources) {
  std::string out;
  for (const Resource& resource : resources) {
    if (!out.empty()) out += "---\n";
    const auto json = resource_json(resource);
    append_members(out, *json.as_object(), 0);
  }
  return out;
}

}  // namespace portolan::world

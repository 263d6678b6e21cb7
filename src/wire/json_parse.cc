#include <fmt/format.h>
#include <simdjson.h>

#include "wire/json_value.h"

namespace portolan::wire {
namespace {

namespace dom = simdjson::dom;

// Copies simdjson's tree into a Json. Depth is bounded by the parser.
class Builder {
 public:
  // Nothing when an object has a name twice; where() then tells the object.
  std::optional<Json> build(dom::element element) {
    switch (element.type()) {
      case dom::element_type::NULL_VALUE:
        return Json();
      case dom::element_type::BOOL:
        return Json(element.get_bool().value_unsafe());
      case dom::element_type::INT64:
        return Json(element.get_int64().value_unsafe());
      case dom::element_type::UINT64:
        return Json(element.get_uint64().value_unsafe());
      case dom::element_type::DOUBLE:
        return Json(element.get_double().value_unsafe());
      case dom::element_type::STRING:
        return Json(element.get_string().value_unsafe());
      case dom::element_type::ARRAY:
        return build_array(element.get_array().value_unsafe());
      case dom::element_type::OBJECT:
        return build_object(element.get_object().value_unsafe());
    }
    return std::nullopt;
  }

  // Put together from the inside out while the recursion ends.
  std::string where() const { return path_.empty() ? "the document" : path_; }

 private:
  std::optional<Json> build_array(dom::array array) {
    Json::Array elements;
    elements.reserve(array.size());
    for (const dom::element element : array) {
      auto built = build(element);
      if (!built) {
        lead_with(fmt::format("[{}]", elements.size()));
        return std::nullopt;
      }
      elements.push_back(*std::move(built));
    }
    return Json(std::move(elements));
  }

  std::optional<Json> build_object(dom::object object) {
    Json::Object members;
    members.reserve(object.size());
    for (const auto [name, value] : object) {
      auto built = build(value);
      if (!built) {
        lead_with(std::string(name));
        return std::nullopt;
      }
      members.push_back({.name = std::string(name), .value = *std::move(built)});
    }
    return Json::object_of(std::move(members));
  }

  void lead_with(std::string step) {
    const bool dot = !path_.empty() && path_.front() != '[';
    path_ = std::move(step) + (dot ? "." : "") + path_;
  }

  std::string path_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, Code blame) {
  dom::parser parser;
  dom::element root;
  auto error = parser.allocate(text.size() + 1, json_depth_max);
  if (error == simdjson::SUCCESS) {
    error = parser.parse(text.data(), text.size()).get(root);
  }
  if (error != simdjson::SUCCESS) {
    return Fault{.code = blame,
                 .message = fmt::format("Not valid JSON: {}", simdjson::error_message(error))};
  }
  Builder builder;
  auto built = builder.build(root);
  if (!built) {
    return Fault{.code = blame,
                 .message = fmt::format("{}: a name comes twice in this object", builder.where())};
  }
  return *std::move(built);
}

}  // namespace portolan::wire

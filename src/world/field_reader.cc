#include "world/field_reader.h"

#include <fmt/format.h>

#include "seal/text_encoding.h"
#include "world/time_text.h"

namespace portolan::world {

FieldReader::FieldReader(const wire::Json& object, std::string path)
    : object_(&object), path_(std::move(path)) {
  if (!object.as_object()) {
    fault_ = Fault{Code::malformed_peer, Retry::never, fmt::format("'{}' is no object.", path_)};
  }
}

Status FieldReader::status() const {
  if (fault_) return *fault_;
  return {};
}

std::string FieldReader::path_of(std::string_view name) const {
  return fmt::format("{}.{}", path_, name);
}

void FieldReader::fail(std::string_view name, std::string_view why) {
  if (fault_) return;
  fault_ = Fault{Code::malformed_peer, Retry::never, fmt::format("'{}' {}.", path_of(name), why)};
}

void FieldReader::adopt(const FieldReader& inner) {
  if (!fault_) fault_ = inner.fault_;
}

const wire::Json* FieldReader::find(std::string_view name, Need need) {
  const auto* json = object_->find(name);
  if (!json && need == Need::required) fail(name, "is missing");
  return json;
}

const wire::Json::Array* FieldReader::find_array(std::string_view name, Need need) {
  const auto* json = find(name, need);
  if (!json) return nullptr;
  if (!json->as_array()) fail(name, "is no array");
  return json->as_array();
}

void FieldReader::text(std::string_view name, std::string& into, Need need) {
  const auto* json = find(name, need);
  if (!json) return;
  if (const auto* text = json->as_string()) {
    into = *text;
  } else {
    fail(name, "is no text");
  }
}

void FieldReader::text_or(std::string_view name, std::string& into, std::string_view fallback) {
  into = fallback;
  text(name, into);
}

void FieldReader::money(std::string_view name, model::Money& into) {
  std::string written;
  text(name, written, Need::required);
  if (fault_) return;
  if (const auto amount = model::parse_money(written)) {
    into = *amount;
  } else {
    fail(name, amount.error().message);
  }
}

void FieldReader::texts(std::string_view name, std::vector<std::string>& into, Need need) {
  const auto* array = find_array(name, need);
  if (!array) return;
  for (const auto& json : *array) {
    if (const auto* text = json.as_string()) {
      into.push_back(*text);
    } else {
      fail(name, "holds something that is no text");
    }
  }
}

void FieldReader::labels(std::string_view name, std::map<std::string, std::string>& into) {
  const auto* json = find(name, Need::optional);
  if (!json) return;
  if (!json->as_object()) {
    fail(name, "is no object");
    return;
  }
  for (const auto& [key, value] : *json->as_object()) {
    if (const auto* text = value.as_string()) {
      into.emplace(key, *text);
    } else {
      fail(name, "holds something that is no text");
    }
  }
}

void FieldReader::number(std::string_view name, double& into) {
  const auto* json = find(name, Need::required);
  if (!json) return;
  if (const auto value = json->as_double()) {
    into = *value;
  } else {
    fail(name, "is no number");
  }
}

void FieldReader::flag(std::string_view name, bool& into) {
  const auto* json = find(name, Need::optional);
  if (!json) return;
  if (const auto* value = json->as_bool()) {
    into = *value;
  } else {
    fail(name, "is neither true nor false");
  }
}

void FieldReader::date_or(std::string_view name, WallTime& into, WallTime fallback) {
  into = fallback;
  std::string written;
  if (!find(name, Need::optional)) return;
  text(name, written);
  if (const auto date = parse_date(written)) {
    into = *date;
  } else {
    fail(name, "is no date");
  }
}

void FieldReader::duration_or(std::string_view name, Duration& into, Duration fallback) {
  into = fallback;
  std::string written;
  if (!find(name, Need::optional)) return;
  text(name, written);
  if (const auto duration = parse_duration(written)) {
    into = *duration;
  } else {
    fail(name, "is no duration");
  }
}

void FieldReader::digest(std::string_view name, model::KeyDigest& into) {
  std::string written;
  text(name, written, Need::required);
  if (!seal::parse_base64url(written, into)) fail(name, "is no SHA-256 in base64url");
}

bool FieldReader::either(std::string_view first, std::string_view other, bool) {
  const bool has_first = object_->find(first);
  const bool has_other = object_->find(other);
  if (has_first == has_other) fail(first, fmt::format("or '{}': exactly one must be there", other));
  return has_first;
}

}  // namespace portolan::world

#include "world/field_writer.h"

#include "seal/text_encoding.h"

namespace portolan::world {

void FieldWriter::text(std::string_view name, const std::string& value, Need need) {
  if (need == Need::required || !value.empty()) put(name, value);
}

void FieldWriter::text_or(std::string_view name, const std::string& value,
                          std::string_view fallback) {
  if (value != fallback) put(name, value);
}

void FieldWriter::texts(std::string_view name, const std::vector<std::string>& values, Need need) {
  if (values.empty() && need == Need::optional) return;
  auto array = wire::Json::array();
  for (const std::string& value : values) array.push(value);
  put(name, std::move(array));
}

void FieldWriter::labels(std::string_view name, const std::map<std::string, std::string>& labels) {
  if (labels.empty()) return;
  auto object = wire::Json::object();
  for (const auto& [key, value] : labels) object.set(key, value);
  put(name, std::move(object));
}

void FieldWriter::number(std::string_view name, double value) { put(name, value); }

void FieldWriter::money(std::string_view name, model::Money value) {
  put(name, model::render_money(value));
}

void FieldWriter::whole(std::string_view name, std::uint64_t value) { put(name, value); }

void FieldWriter::whole_or(std::string_view name, std::uint64_t value, std::uint64_t fallback) {
  if (value != fallback) put(name, value);
}

void FieldWriter::flag(std::string_view name, bool value) {
  if (value) put(name, value);
}

void FieldWriter::date_or(std::string_view name, WallTime value, WallTime fallback) {
  if (value != fallback) put(name, render_date(value));
}

void FieldWriter::duration_or(std::string_view name, Duration value, Duration fallback) {
  if (value != fallback) put(name, render_duration(value));
}

void FieldWriter::digest(std::string_view name, const model::KeyDigest& value) {
  put(name, seal::render_base64url(value));
}

}  // namespace portolan::world

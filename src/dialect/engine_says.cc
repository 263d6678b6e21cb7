#include "dialect/engine_says.h"

#include "dialect/json_walk.h"
#include "wire/json_value.h"

namespace portolan::dialect {

std::string engine_says(std::string_view text, wire::Range error) {
  std::string_view json = error.of(text);
  if (json.starts_with('{')) {
    const auto message = find_value(text, error, "message");
    if (!message) return {};
    json = message->of(text);
  }
  if (!json.starts_with('"') || json.size() > engine_sentence_bytes_max.count()) return {};
  const auto parsed = wire::parse_json(json, Code::malformed_peer);
  if (!parsed) return {};
  const std::string& sentence = *parsed->as_string();
  return sentence.contains("://") ? std::string() : sentence;
}

}  // namespace portolan::dialect

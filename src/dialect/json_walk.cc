#include "dialect/json_walk.h"

#include <charconv>

namespace portolan::dialect {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

JsonWalk::JsonWalk(std::string_view text, wire::Range container)
    : text_(text), at_(container.begin), end_(container.begin) {
  if (container.size() < 2) return;
  const char first = text[container.begin];
  if (first != '{' && first != '[') return;
  object_ = first == '{';
  at_ = container.begin + 1;
  end_ = container.end - 1;
}

bool JsonWalk::next() {
  skip_space();
  if (at_ < end_ && text_[at_] == ',') {
    ++at_;
    skip_space();
  }
  if (at_ >= end_) return false;
  if (object_) {
    const std::size_t quote = at_;
    skip_string();
    key_ = text_.substr(quote + 1, at_ - quote - 2);
    skip_space();
    ++at_;  // the colon
    skip_space();
  }
  value_.begin = at_;
  skip_value();
  value_.end = at_;
  return true;
}

void JsonWalk::skip_space() {
  while (at_ < end_ && is_space(text_[at_])) ++at_;
}

void JsonWalk::skip_string() {
  do {
    ++at_;
    while (text_[at_] == '\\') at_ += 2;
  } while (text_[at_] != '"');
  ++at_;
}

void JsonWalk::skip_value() {
  const char first = text_[at_];
  if (first == '"') return skip_string();
  if (first == '{' || first == '[') return skip_container();
  while (at_ < end_ && text_[at_] != ',' && !is_space(text_[at_])) ++at_;
}

void JsonWalk::skip_container() {
  std::size_t depth = 0;
  do {
    const char c = text_[at_];
    if (c == '"') {
      skip_string();
      continue;
    }
    ++at_;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
  } while (depth > 0);
}

std::optional<wire::Range> find_value(std::string_view text, wire::Range object,
                                      std::string_view key) {
  for (JsonWalk walk(text, object); walk.next();) {
    if (walk.key() == key) return walk.value();
  }
  return std::nullopt;
}

std::optional<std::uint64_t> whole_number(std::string_view json) {
  std::uint64_t number = 0;
  const char* const end = json.data() + json.size();
  const auto [stop, error] = std::from_chars(json.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> find_number(std::string_view text, wire::Range object,
                                         std::string_view key) {
  const auto value = find_value(text, object, key);
  return value ? whole_number(value->of(text)) : std::nullopt;
}

}  // namespace portolan::dialect

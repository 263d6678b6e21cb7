#include "world/field_scanner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>

#include "world/suggest.h"
#include "world/time_text.h"

namespace portolan::world {
namespace {

// Long values are cut, so that a problem stays one line.
std::string_view shown(std::string_view text) {
  constexpr std::size_t shown_bytes_max = 80;
  return text.substr(0, shown_bytes_max);
}

}  // namespace

FieldScanner::FieldScanner(const std::string& file, const Node& node, std::string path,
                           ProblemList& problems)
    : file_(file), node_(node), path_(std::move(path)), problems_(problems) {
  if (node_.kind == Node::Kind::map) return;
  excused_ = true;
  add(node_.place, fmt::format("'{}' must be a map, not {}.", path_, name_of(node_.kind)));
}

void FieldScanner::finish() {
  for (const auto& member : node_.members) {
    if (std::ranges::find(asked_, std::string_view(member.key)) != asked_.end()) continue;
    add(member.place, fmt::format("'{}' has no key '{}'.{}", path_, shown(member.key),
                                  problems_.full() ? "" : did_you_mean(member.key, asked_)));
  }
}

void FieldScanner::add(Place place, std::string sentence) {
  problems_.add({file_, place, std::move(sentence)});
}

std::string FieldScanner::path_of(std::string_view name) const {
  return fmt::format("{}/{}", path_, name);
}

const Node* FieldScanner::find(std::string_view name, Need need) {
  asked_.push_back(name);
  const Node* node = node_.find(name);
  if (!node && need == Need::required && !excused_) {
    add(node_.place, fmt::format("'{}' is missing.", path_of(name)));
  }
  return node;
}

const Node* FieldScanner::find_list(std::string_view name, Need need) {
  const Node* node = find(name, need);
  if (!node || node->kind == Node::Kind::list) return node;
  add(node->place, fmt::format("'{}' must be a list, not {}.", path_of(name), name_of(node->kind)));
  return nullptr;
}

const Node* FieldScanner::find_scalar(std::string_view name, Need need) {
  const Node* node = find(name, need);
  if (!node || node->kind == Node::Kind::scalar) return node;
  add(node->place, fmt::format("'{}' must be text, not {}.", path_of(name), name_of(node->kind)));
  return nullptr;
}

void FieldScanner::text(std::string_view name, std::string& into, Need need) {
  const Node* node = find_scalar(name, need);
  if (!node) return;
  if (node->text.empty() && need == Need::required) {
    add(node->place, fmt::format("'{}' must not be empty.", path_of(name)));
  }
  into = node->text;
}

void FieldScanner::text_or(std::string_view name, std::string& into, std::string_view fallback) {
  into = fallback;
  text(name, into);
}

void FieldScanner::texts(std::string_view name, std::vector<std::string>& into, Need need) {
  const Node* node = find_list(name, need);
  if (!node) return;
  std::unordered_set<std::string_view> seen;
  for (const Node& item : node->items) {
    if (item.kind != Node::Kind::scalar || item.text.empty()) {
      add(item.place, fmt::format("'{}' is a list of names; this is {}.", path_of(name),
                                  item.kind == Node::Kind::scalar ? "empty" : name_of(item.kind)));
    } else if (!seen.insert(item.text).second) {
      add(item.place, fmt::format("'{}' names '{}' twice.", path_of(name), shown(item.text)));
    } else {
      into.push_back(item.text);
    }
  }
}

void FieldScanner::labels(std::string_view name, std::map<std::string, std::string>& into) {
  const Node* node = find(name, Need::optional);
  if (!node) return;
  if (node->kind != Node::Kind::map) {
    add(node->place,
        fmt::format("'{}' must be a map, not {}.", path_of(name), name_of(node->kind)));
    return;
  }
  for (const auto& [key, place, value] : node->members) {
    if (value.kind == Node::Kind::scalar && !key.empty() && !value.text.empty()) {
      into.emplace(key, value.text);
    } else {
      add(place,
          fmt::format("'{}' pairs words with words; '{}' has no word.", path_of(name), shown(key)));
    }
  }
}

void FieldScanner::number(std::string_view name, double& into) {
  const Node* node = find(name, Need::required);
  if (!node) return;
  const std::string_view text = node->text;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole_text = error == std::errc{} && end == text.data() + text.size();
  if (node->kind != Node::Kind::scalar || node->quoted || !whole_text || !std::isfinite(value)) {
    add(node->place, fmt::format("'{}' must be a number.", path_of(name)));
    return;
  }
  into = value;
}

void FieldScanner::money(std::string_view name, model::Money& into) {
  const Node* node = find_scalar(name, Need::required);
  if (!node) return;
  if (!node->quoted) {
    add(node->place,
        fmt::format("'{}' must be in quotes, as in \"0.02\": without them other programs read a "
                    "float, which is not exact.",
                    path_of(name)));
    return;
  }
  if (const auto amount = model::parse_money(node->text)) {
    into = *amount;
  } else {
    add(node->place,
        fmt::format("'{}': '{}' {}.", path_of(name), shown(node->text), amount.error().message));
  }
}

std::optional<std::uint64_t> FieldScanner::scan_number(std::string_view name, Need need,
                                                       std::uint64_t most) {
  const Node* node = find(name, need);
  if (!node) return std::nullopt;
  const std::string_view text = node->text;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole_text = error == std::errc{} && end == text.data() + text.size();
  if (node->kind != Node::Kind::scalar || node->quoted || !whole_text || value > most) {
    add(node->place, fmt::format("'{}' must be a whole number from 0 to {}.", path_of(name), most));
    return std::nullopt;
  }
  return value;
}

std::optional<std::size_t> FieldScanner::scan_choice(std::string_view name,
                                                     std::span<const std::string_view> names) {
  const Node* node = find_scalar(name, Need::optional);
  if (!node) return std::nullopt;
  const auto found = std::ranges::find(names, node->text);
  if (found == names.end()) {
    add(node->place,
        fmt::format("'{}' is one of {}, not '{}'.{}", path_of(name), fmt::join(names, ", "),
                    shown(node->text), did_you_mean(node->text, names)));
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - names.begin());
}

void FieldScanner::date_or(std::string_view name, WallTime& into, WallTime fallback) {
  into = fallback;
  const Node* node = find_scalar(name, Need::optional);
  if (!node) return;
  if (const auto date = parse_date(node->text)) {
    into = *date;
  } else {
    add(node->place, fmt::format("'{}' must be a date, YYYY-MM-DD or as in "
                                 "2023-11-17T08:00:00Z, not '{}'.",
                                 path_of(name), shown(node->text)));
  }
}

void FieldScanner::duration_or(std::string_view name, Duration& into, Duration fallback) {
  into = fallback;
  const Node* node = find_scalar(name, Need::optional);
  if (!node) return;
  if (const auto duration = parse_duration(node->text)) {
    into = *duration;
  } else {
    add(node->place, fmt::format("'{}' must be a duration such as 30s, 15m or 24h, not '{}'.",
                                 path_of(name), shown(node->text)));
  }
}

bool FieldScanner::either(std::string_view first, std::string_view other, bool) {
  asked_.push_back(first);
  asked_.push_back(other);
  const bool has_first = node_.find(first);
  const bool has_other = node_.find(other);
  if (has_first == has_other && !excused_) {
    add(node_.place,
        fmt::format("'{}' needs either '{}' or '{}', and not both.", path_, first, other));
  }
  return has_first;
}

}  // namespace portolan::world

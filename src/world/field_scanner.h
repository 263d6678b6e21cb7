#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "base/time.h"
#include "world/node.h"
#include "world/problem.h"
#include "world/shape.h"

namespace portolan::world {

// Reads the fields of a shape from a map that an operator wrote. Everything that
// is wrong becomes a Problem at its place, and the value keeps its default
// there. finish() then reports the keys that no field asked for.
class FieldScanner {
 public:
  // `path` is how sentences call the map, as in "spec/engines/0". A node that is
  // no map is a problem, and reads as one with every field missing but excused.
  FieldScanner(const std::string& file, const Node& node, std::string path, ProblemList& problems);

  void finish();

  void text(std::string_view name, std::string& into, Need need = Need::optional);
  void text_or(std::string_view name, std::string& into, std::string_view fallback);
  void texts(std::string_view name, std::vector<std::string>& into, Need need = Need::optional);
  void labels(std::string_view name, std::map<std::string, std::string>& into);
  void number(std::string_view name, double& into);
  void money(std::string_view name, model::Money& into);
  void date_or(std::string_view name, WallTime& into, WallTime fallback);
  void duration_or(std::string_view name, Duration& into, Duration fallback);
  bool either(std::string_view first, std::string_view other, bool is_first);

  template <class Whole>
  void whole(std::string_view name, Whole& into) {
    scan_whole(name, into, Need::required);
  }

  template <class Whole>
  void whole_or(std::string_view name, Whole& into, std::type_identity_t<Whole> fallback) {
    into = fallback;
    scan_whole(name, into, Need::optional);
  }

  template <class Enum>
  void choice(std::string_view name, Enum& into, std::span<const std::string_view> names) {
    if (const auto chosen = scan_choice(name, names)) into = static_cast<Enum>(*chosen);
  }

  template <class T>
  void object(std::string_view name, T& into, Need need = Need::optional) {
    const Node* node = find(name, need);
    if (!node) return;
    FieldScanner inner(file_, *node, path_of(name), problems_);
    describe(inner, into);
    inner.finish();
  }

  template <class T>
  void maybe(std::string_view name, std::optional<T>& into) {
    if (node_.find(name)) object(name, into.emplace());
    asked_.push_back(name);
  }

  template <class T>
  void list(std::string_view name, std::vector<T>& into, Need need = Need::optional) {
    const Node* node = find_list(name, need);
    if (!node) return;
    for (std::size_t i = 0; i < node->items.size(); ++i) {
      FieldScanner inner(file_, node->items[i], path_of(name) + '/' + std::to_string(i), problems_);
      describe(inner, into.emplace_back());
      inner.finish();
    }
  }

 private:
  // The member's value, unless it is missing or null.
  const Node* find(std::string_view name, Need need);
  const Node* find_list(std::string_view name, Need need);
  const Node* find_scalar(std::string_view name, Need need);
  std::optional<std::size_t> scan_choice(std::string_view name,
                                         std::span<const std::string_view> names);
  std::optional<std::uint64_t> scan_number(std::string_view name, Need need, std::uint64_t most);
  void add(Place place, std::string sentence);
  std::string path_of(std::string_view name) const;

  template <class Whole>
  void scan_whole(std::string_view name, Whole& into, Need need) {
    if (const auto value = scan_number(name, need, std::numeric_limits<Whole>::max())) {
      into = static_cast<Whole>(*value);
    }
  }

  const std::string& file_;
  const Node& node_;
  std::string path_;
  ProblemList& problems_;
  bool excused_ = false;
  std::vector<std::string_view> asked_;
};

}  // namespace portolan::world

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "world/problem.h"

namespace portolan::world {

// A piece of a YAML or JSON document, and where it stands.
struct Node {
  enum class Kind : std::uint8_t { null, scalar, list, map };
  struct Member;

  Kind kind = Kind::null;
  Place place;
  std::string text;             // of a scalar
  bool quoted = false;          // a quoted scalar is text, also when it looks like a number
  std::vector<Node> items;      // of a list
  std::vector<Member> members;  // of a map, in their order; no key twice

  // The member's value, or null when there is none or it is written as null.
  const Node* find(std::string_view key) const;
};

struct Node::Member {
  std::string key;
  Place place;  // of the key
  Node value;
};

// "a list", "text": for sentences.
std::string_view name_of(Node::Kind kind);

// Where `path` stands below `root`: keys and list positions with '/' between
// them, as in "spec/engines/0/url". Where the path ends early, the place of the
// last part that is there.
Place place_of(const Node& root, std::string_view path);

// Whether all of the path is there.
bool has_path(const Node& root, std::string_view path);

}  // namespace portolan::world

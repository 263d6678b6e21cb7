#include "world/node.h"

#include <charconv>

#include "base/check.h"

namespace portolan::world {
namespace {

// The node one step below, and where its key or item stands.
struct Step {
  const Node* node;
  Place place;
};

Step step_into(const Node& node, std::string_view part) {
  if (node.kind == Node::Kind::list) {
    std::size_t position = 0;
    std::from_chars(part.data(), part.data() + part.size(), position);
    if (position >= node.items.size()) return {nullptr, {}};
    return {&node.items[position], node.items[position].place};
  }
  for (const auto& member : node.members) {
    if (member.key != part) continue;
    const bool scalar = member.value.kind == Node::Kind::scalar;
    return {&member.value, scalar ? member.value.place : member.place};
  }
  return {nullptr, {}};
}

// The node at the path, or none; and the place of the last part that is there.
Step walk(const Node& root, std::string_view path) {
  Step at{&root, root.place};
  while (!path.empty()) {
    const auto slash = path.find('/');
    const Step next = step_into(*at.node, path.substr(0, slash));
    if (!next.node) return {nullptr, at.place};
    at = next;
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  return at;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const auto& member : members) {
    if (member.key == key) return member.value.kind == Kind::null ? nullptr : &member.value;
  }
  return nullptr;
}

std::string_view name_of(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return "text";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
  }
  fail_check("a node kind outside its enumeration", std::source_location::current());
}

Place place_of(const Node& root, std::string_view path) { return walk(root, path).place; }

bool has_path(const Node& root, std::string_view path) { return walk(root, path).node != nullptr; }

}  // namespace portolan::world

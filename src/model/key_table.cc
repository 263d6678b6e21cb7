#include "model/key_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "model/name.h"

namespace portolan::model {
namespace {

constexpr std::size_t digit_bits = 3;
constexpr std::size_t children_count = std::size_t{1} << digit_bits;
// Keys whose hashes agree in all digits share a leaf, however many they are.
constexpr std::size_t depth_max = 64 / digit_bits;

std::size_t digit(std::uint64_t hash, std::size_t depth) {
  return static_cast<std::size_t>(hash >> (64 - digit_bits * (depth + 1))) % children_count;
}

std::uint64_t hash_of(std::string_view id) { return std::hash<std::string_view>{}(id); }

// Those of one digit stand together, because they are sorted by hash: the front ones
// of `keys` that have that digit, which are taken off it.
template <class Placed>
std::span<const Placed> take_digit(std::span<const Placed>& keys, std::size_t wanted,
                                   std::size_t depth) {
  std::size_t count = 0;
  while (count < keys.size() && digit(keys[count].hash, depth) == wanted) ++count;
  const auto taken = keys.first(count);
  keys = keys.subspan(count);
  return taken;
}

}  // namespace

// By hash and id; of one id the last alone.
std::vector<KeyTable::Placed> KeyTable::placed(std::span<const KeyRecord* const> keys) {
  std::vector<Placed> made;
  made.reserve(keys.size());
  for (const KeyRecord* key : keys) made.push_back({hash_of(key->id), made.size(), key});
  std::ranges::sort(made, [](const Placed& one, const Placed& other) {
    if (one.hash != other.hash) return one.hash < other.hash;
    const auto by_id = one.key->id <=> other.key->id;
    return by_id != 0 ? by_id < 0 : one.turn < other.turn;
  });
  std::vector<Placed> last;
  last.reserve(made.size());
  for (const Placed& each : made) {
    if (!last.empty() && last.back().key->id == each.key->id) {
      last.back() = each;
    } else {
      last.push_back(each);
    }
  }
  return last;
}

// Of keys in the order of placed(), which are alike in all digits before `depth`.
KeyTable::NodePointer KeyTable::build(std::span<const Placed> keys, std::size_t depth) {
  if (keys.empty()) return nullptr;
  auto node = std::make_shared<Node>();
  if (keys.size() > leaf_keys_max && depth < depth_max) {
    node->children.reserve(children_count);
    for (std::size_t each = 0; each < children_count; ++each) {
      node->children.push_back(build(take_digit(keys, each, depth), depth + 1));
    }
    return node;
  }
  node->keys.reserve(keys.size());
  for (const Placed& each : keys) node->keys.push_back(*each.key);
  std::ranges::sort(node->keys, {}, &KeyRecord::id);
  return node;
}

// The leaf's keys with the changes among them, in the order of placed().
std::vector<KeyTable::Placed> KeyTable::merged(std::span<const KeyRecord> leaf,
                                               std::span<const Placed> changes) {
  std::vector<const KeyRecord*> all;
  all.reserve(leaf.size() + changes.size());
  for (const KeyRecord& key : leaf) all.push_back(&key);
  for (const Placed& change : changes) all.push_back(change.key);
  return placed(all);
}

// `node` with the changes, which are not empty; `added` counts those that were not in it.
KeyTable::NodePointer KeyTable::changed(const NodePointer& node, std::span<const Placed> changes,
                                        std::size_t depth, std::size_t& added) {
  if (node == nullptr || node->children.empty()) {
    const auto held = node ? std::span<const KeyRecord>(node->keys) : std::span<const KeyRecord>();
    const auto all = merged(held, changes);
    added += all.size() - held.size();
    return build(all, depth);
  }
  auto copy = std::make_shared<Node>(*node);
  for (std::size_t each = 0; each < children_count; ++each) {
    const auto of_child = take_digit(changes, each, depth);
    auto& child = copy->children[each];
    if (!of_child.empty()) child = changed(child, of_child, depth + 1, added);
  }
  return copy;
}

Result<KeyTable> KeyTable::make(std::span<const KeyRecord> keys) {
  std::vector<const KeyRecord*> all;
  all.reserve(keys.size());
  for (const KeyRecord& key : keys) all.push_back(&key);
  const auto in_order = placed(all);
  if (in_order.size() < keys.size()) {
    std::ranges::sort(all, {}, &KeyRecord::id);
    const auto twice = std::ranges::adjacent_find(all, {}, &KeyRecord::id);
    return invalid_resource(fmt::format("The Keyring holds key '{}' twice.", (*twice)->id));
  }
  KeyTable table;
  table.root_ = build(in_order, 0);
  table.size_ = in_order.size();
  return table;
}

KeyTable KeyTable::with(std::span<const KeyRecord* const> changes) const {
  KeyTable table = *this;
  const auto in_order = placed(changes);
  if (!in_order.empty()) table.root_ = changed(root_, in_order, 0, table.size_);
  return table;
}

KeyTable KeyTable::with(const KeyRecord& change) const {
  const KeyRecord* one = &change;
  return with({&one, 1});
}

const KeyRecord* KeyTable::find(std::string_view id) const {
  const std::uint64_t hash = hash_of(id);
  const Node* node = root_.get();
  for (std::size_t depth = 0; node != nullptr && !node->children.empty(); ++depth) {
    node = node->children[digit(hash, depth)].get();
  }
  if (node == nullptr) return nullptr;
  const auto found = std::ranges::lower_bound(node->keys, id, {}, &KeyRecord::id);
  return found != node->keys.end() && found->id == id ? &*found : nullptr;
}

std::vector<const KeyRecord*> KeyTable::sorted() const {
  std::vector<const KeyRecord*> all;
  all.reserve(size_);
  for_each([&all](const KeyRecord& key) { all.push_back(&key); });
  std::ranges::sort(all, {}, &KeyRecord::id);
  return all;
}

bool KeyTable::equals(const KeyTable& other) const {
  if (size_ != other.size_) return false;
  bool same = true;
  for_each([&](const KeyRecord& key) {
    const KeyRecord* found = same ? other.find(key.id) : nullptr;
    same = found != nullptr && *found == key;
  });
  return same;
}

}  // namespace portolan::model

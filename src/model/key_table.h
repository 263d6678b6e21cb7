#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/key_record.h"

namespace portolan::model {

// Keys by id, as a value that shares: what with() makes has the few nodes on the way
// to what is changed for itself, and all others in common with this one, so that a
// change costs what the change is. Keys are replaced, never removed. A copy pins the
// table as it is; any thread may read it.
//
// A tree of eight children a node by the bits of the id's hash, with at most
// `leaf_keys_max` keys in a leaf: its shape follows from the keys that are in it alone.
class KeyTable {
 public:
  static constexpr std::size_t leaf_keys_max = 48;

  KeyTable() = default;
  // Errors: invalid_resource for an id that is there twice.
  static Result<KeyTable> make(std::span<const KeyRecord> keys);

  // With those added or in their places; of one id the last counts.
  KeyTable with(std::span<const KeyRecord* const> changes) const;
  KeyTable with(const KeyRecord& change) const;

  std::size_t size() const { return size_; }
  // Lives as long as any table that has it. Null: no such key.
  const KeyRecord* find(std::string_view id) const;

  // In an order that means nothing.
  template <class Visit>
  void for_each(const Visit& visit) const {
    if (root_) visit_each(*root_, visit);
  }
  // By id, for who compares or renders them.
  std::vector<const KeyRecord*> sorted() const;

  friend bool operator==(const KeyTable& one, const KeyTable& other) { return one.equals(other); }

 private:
  struct Node;
  using NodePointer = std::shared_ptr<const Node>;
  struct Node {
    std::vector<KeyRecord> keys;        // of a leaf, by id
    std::vector<NodePointer> children;  // of any other; null where there is no key
  };
  // A key on its way into the tree.
  struct Placed {
    std::uint64_t hash = 0;
    std::size_t turn = 0;  // among those that came with it
    const KeyRecord* key = nullptr;
  };

  template <class Visit>
  static void visit_each(const Node& node, const Visit& visit) {
    for (const KeyRecord& key : node.keys) visit(key);
    for (const NodePointer& child : node.children) {
      if (child) visit_each(*child, visit);
    }
  }
  static std::vector<Placed> placed(std::span<const KeyRecord* const> keys);
  static NodePointer build(std::span<const Placed> keys, std::size_t depth);
  static NodePointer changed(const NodePointer& node, std::span<const Placed> changes,
                             std::size_t depth, std::size_t& added);
  static std::vector<Placed> merged(std::span<const KeyRecord> leaf,
                                    std::span<const Placed> changes);
  bool equals(const KeyTable& other) const;

  NodePointer root_;
  std::size_t size_ = 0;
};

}  // namespace portolan::model

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "wire/json_scan.h"

namespace portolan::wire {

// A text with some ranges of it replaced, as pieces to be written one after
// another: nothing of the original is copied.
//
// The text must outlive it. Moves freely: pieces are asked for, not kept.
class Splice {
 public:
  explicit Splice(std::string_view text) : text_(text) {}

  // `range` becomes `with`. Ranges must not overlap (a bug of ours); at one
  // place, what was put in first comes first.
  void replace(Range range, std::string_view with);

  // Orders the edits. Call once, before any of the following.
  void finish();

  std::size_t pieces() const { return pieces_.size(); }
  std::string_view piece(std::size_t at) const;
  std::size_t length() const { return length_; }  // of all pieces together
  bool changed() const { return !edits_.empty(); }

  std::string joined() const;

 private:
  struct Edit {
    Range range;  // of text_
    Range with;   // of added_
  };
  struct Piece {
    Range range;
    bool added;
  };

  std::string_view text_;
  std::string added_;
  std::vector<Edit> edits_;
  std::vector<Piece> pieces_;
  std::size_t length_ = 0;
};

// Edits of one object's members, which keep commas where they belong. Collect
// them, then apply_to() the text's Splice; an object within the object has an
// ObjectEdit of its own. Each member is edited once at most.
class ObjectEdit {
 public:
  // `object` must outlive it.
  explicit ObjectEdit(const ScannedObject& object)
      : object_(object), removed_(object.members.size(), false) {}

  // `member` is one of the object's. `json` is one JSON value.
  void remove(const ScannedMember& member);
  void replace(const ScannedMember& member, std::string json);
  void append(std::string_view key, std::string_view json);  // the key is not there yet

  // Replaces the value where the key is there, else appends the member.
  void set(std::string_view key, std::string json);

  void apply_to(Splice& splice) const;

 private:
  struct Replacement {
    Range value;
    std::string json;
  };

  std::size_t place_of(const ScannedMember& member) const;

  const ScannedObject& object_;
  std::vector<bool> removed_;
  std::vector<Replacement> replaced_;
  std::vector<std::string> appended_;  // `"key":value`
};

}  // namespace portolan::wire

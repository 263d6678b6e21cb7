#include "wire/splice.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"
#include "wire/json_writer.h"

namespace portolan::wire {

void Splice::replace(Range range, std::string_view with) {
  check(range.begin <= range.end && range.end <= text_.size(), "an edit lies within its text");
  const auto begin = added_.size();
  added_ += with;
  edits_.push_back({.range = range, .with = {.begin = begin, .end = added_.size()}});
}

void Splice::finish() {
  std::ranges::sort(edits_, {}, [](const Edit& edit) {
    return std::tuple(edit.range.begin, edit.range.end, edit.with.begin);
  });
  const auto put = [this](Range range, bool added) {
    if (range.size() > 0) {
      pieces_.push_back({.range = range, .added = added});
      length_ += range.size();
    }
  };
  pieces_.clear();
  length_ = 0;
  std::size_t at = 0;
  for (const Edit& edit : edits_) {
    check(edit.range.begin >= at, "edits do not overlap");
    put({.begin = at, .end = edit.range.begin}, false);
    put(edit.with, true);
    at = edit.range.end;
  }
  put({.begin = at, .end = text_.size()}, false);
}

std::string_view Splice::piece(std::size_t at) const {
  const Piece& piece = pieces_[at];
  return piece.range.of(piece.added ? std::string_view(added_) : text_);
}

std::string Splice::joined() const {
  std::string whole;
  whole.reserve(length_);
  for (std::size_t i = 0; i < pieces(); ++i) {
    whole += piece(i);
  }
  return whole;
}

std::size_t ObjectEdit::place_of(const ScannedMember& member) const {
  const auto place = static_cast<std::size_t>(&member - object_.members.data());
  check(place < object_.members.size(), "the member is one of this object's");
  return place;
}

void ObjectEdit::remove(const ScannedMember& member) { removed_[place_of(member)] = true; }

void ObjectEdit::replace(const ScannedMember& member, std::string json) {
  check(!removed_[place_of(member)], "a member is edited once");
  replaced_.push_back({.value = member.value, .json = std::move(json)});
}

void ObjectEdit::append(std::string_view key, std::string_view json) {
  std::string member;
  append_json_string(member, key);
  member.append(":").append(json);
  appended_.push_back(std::move(member));
}

void ObjectEdit::set(std::string_view key, std::string json) {
  if (const ScannedMember* member = object_.find(key)) {
    replace(*member, std::move(json));
  } else {
    append(key, json);
  }
}

void ObjectEdit::apply_to(Splice& splice) const {
  for (const Replacement& replacement : replaced_) {
    splice.replace(replacement.value, replacement.json);
  }
  // A member that goes takes the comma before it, or the one behind it when
  // nothing before it stays.
  const auto& members = object_.members;
  const ScannedMember* kept = nullptr;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!removed_[i]) {
      kept = &members[i];
    } else if (kept != nullptr) {
      splice.replace({.begin = members[i - 1].whole.end, .end = members[i].whole.end}, "");
    } else {
      const auto end = i + 1 < members.size() ? members[i + 1].whole.begin : members[i].whole.end;
      splice.replace({.begin = members[i].whole.begin, .end = end}, "");
    }
  }
  if (appended_.empty()) {
    return;
  }
  std::string tail;
  for (const std::string& member : appended_) {
    tail.append(kept != nullptr || !tail.empty() ? "," : "").append(member);
  }
  const auto brace = object_.braces.end - 1;
  splice.replace({.begin = brace, .end = brace}, tail);
}

}  // namespace portolan::wire

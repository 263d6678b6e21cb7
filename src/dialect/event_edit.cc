#include "dialect/event_edit.h"

#include "base/check.h"

namespace portolan::dialect {

void EventEdit::replace(wire::Range range, std::string_view with) {
  check(count_ < edits_max, "an event has few edits");
  check(count_ == 0 || edits_[count_ - 1].range.end <= range.begin, "edits come in order");
  edits_[count_++] = {.range = range, .with = with};
}

void EventEdit::plan(const wire::ScannedObject& object, const Plan& plan) {
  const auto& members = object.members;
  const auto leaves = [&](std::size_t at) {
    return at < members.size() && (&members[at] == plan.usage || &members[at] == plan.timings);
  };
  count_ = 0;
  for (std::size_t at = 0; at < members.size(); ++at) {
    if (&members[at] == plan.model) replace(members[at].value, plan.model_json);
    if (!leaves(at)) continue;
    // A run of members takes the comma before it, or the one behind it when it
    // comes first.
    const std::size_t first = at;
    while (leaves(at + 1)) ++at;
    wire::Range cut{.begin = members[first].whole.begin, .end = members[at].whole.end};
    if (first > 0) {
      cut.begin = members[first - 1].whole.end;
    } else if (at + 1 < members.size()) {
      cut.end = members[at + 1].whole.begin;
    }
    replace(cut, "");
  }
}

std::span<const std::string_view> EventEdit::pieces(std::string_view text, std::size_t offset) {
  std::size_t count = 0;
  const auto put = [&](std::string_view piece) {
    if (!piece.empty()) pieces_[count++] = piece;
  };
  std::size_t at = 0;
  for (const Edit& edit : std::span(edits_).first(count_)) {
    put(text.substr(at, offset + edit.range.begin - at));
    put(edit.with);
    at = offset + edit.range.end;
  }
  put(text.substr(at));
  return std::span(pieces_).first(count);
}

}  // namespace portolan::dialect

#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "wire/json_scan.h"

namespace portolan::dialect {

// At most three edits of a short text, as pieces: what wire::Splice does, with
// no memory of its own, for every event of a stream.
class EventEdit {
 public:
  static constexpr std::size_t edits_max = 3;

  bool empty() const { return count_ == 0; }

  // What to do with one chunk: members to take out, and the one whose value
  // `model_json` replaces; null: none. All are members of `object`, and
  // `model_json` must outlive the pieces.
  struct Plan {
    const wire::ScannedMember* usage = nullptr;
    const wire::ScannedMember* timings = nullptr;
    const wire::ScannedMember* model = nullptr;
    std::string_view model_json;
  };
  void plan(const wire::ScannedObject& object, const Plan& plan);

  // `text` with the edits made; ranges count from `offset` in it.
  std::span<const std::string_view> pieces(std::string_view text, std::size_t offset);

 private:
  struct Edit {
    wire::Range range;
    std::string_view with;
  };

  // In order of place.
  void replace(wire::Range range, std::string_view with);

  std::array<Edit, edits_max> edits_{};
  std::size_t count_ = 0;
  std::array<std::string_view, 2 * edits_max + 1> pieces_{};
};

}  // namespace portolan::dialect

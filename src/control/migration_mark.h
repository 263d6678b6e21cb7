#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/control_store.h"

namespace portolan::control {

// What a store says of itself that is being moved, or was. No control starts on
// one that says so, and whoever moves it knows how far it is.
inline constexpr std::string_view migration_key = "migration";

struct MigrationMark {
  enum class Role : std::uint8_t {
    target,  // it is being filled, and not whole
    source,  // all of it is elsewhere
  };
  Role role = Role::target;
  std::string id;     // of the move, the same on both sides
  std::string other;  // the other side's place, as control is told it
  std::string time;   // world::render_date
  friend bool operator==(const MigrationMark&, const MigrationMark&) = default;
};

std::string render_mark(const MigrationMark& mark);
// Errors: malformed_peer, unsupported_version.
Result<MigrationMark> parse_mark(std::string_view text);

// The mark among these keys. Errors: store_failed, unsupported_version.
Result<std::optional<MigrationMark>> find_mark(const store::Range& range);

// Whether control may work on what has this mark. Errors: bad_configuration,
// with what to do instead.
Status check_mark(const MigrationMark& mark);

}  // namespace portolan::control

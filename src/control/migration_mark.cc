#include "control/migration_mark.h"

#include <fmt/format.h>

#include <algorithm>

#include "seal/statement.h"

namespace portolan::control {
namespace {

constexpr std::string_view mark_kind = "migration";
constexpr std::string_view as_target = "target";
constexpr std::string_view as_source = "source";

}  // namespace

std::string render_mark(const MigrationMark& mark) {
  auto json = seal::make_statement(mark_kind);
  json.set("role", mark.role == MigrationMark::Role::target ? as_target : as_source);
  json.set("id", mark.id);
  json.set("other", mark.other);
  json.set("time", mark.time);
  return wire::render_canonical(json);
}

Result<MigrationMark> parse_mark(std::string_view text) {
  TRY(const auto json, wire::parse_json(text, Code::malformed_peer));
  TRY_DO(seal::check_statement(json, mark_kind));
  MigrationMark mark;
  TRY(const auto role, seal::read_text(json, "role"));
  if (role != as_target && role != as_source) {
    return Fault{Code::malformed_peer, Retry::never, "The member 'role' is none that is known."};
  }
  mark.role = role == as_target ? MigrationMark::Role::target : MigrationMark::Role::source;
  TRY(mark.id, seal::read_text(json, "id"));
  TRY(mark.other, seal::read_text(json, "other"));
  TRY(mark.time, seal::read_text(json, "time"));
  return mark;
}

Result<std::optional<MigrationMark>> find_mark(const store::Range& range) {
  const auto found = std::ranges::find(range.items, migration_key, &store::KeyValue::key);
  if (found == range.items.end()) return std::optional<MigrationMark>();
  auto mark = parse_mark(found->value);
  if (mark) return std::optional(std::move(*mark));
  if (mark.error().code == Code::unsupported_version) return mark.error();
  return Fault{Code::store_failed, Retry::never,
               fmt::format("The stored '{}' cannot be read: {} Restore a copy of the store.",
                           migration_key, mark.error().message)};
}

Status check_mark(const MigrationMark& mark) {
  if (mark.role == MigrationMark::Role::source) {
    return Fault{Code::bad_configuration, Retry::never,
                 fmt::format("This store was moved to {} ({}). Start control on that one; what is "
                             "here is older from its first change on.",
                             mark.other, mark.time)};
  }
  return Fault{Code::bad_configuration, Retry::never,
               fmt::format("This store is being filled from {} (since {}) and is not whole. Run "
                           "that 'portolan store migrate' again, which takes it up, or start "
                           "control on {}.",
                           mark.other, mark.time, mark.other)};
}

}  // namespace portolan::control

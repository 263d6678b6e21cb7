#include "control/state_codec.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "control/migration_mark.h"
#include "control/rollout_codec.h"
#include "seal/statement.h"
#include "wire/json_value.h"
#include "world/codec.h"
#include "world/validate.h"

namespace portolan::control {
namespace {

constexpr std::uint64_t format_major = 1;
constexpr std::string_view restored_kind = "restored";
constexpr std::string_view zone_keys = "zone-key/";

Fault unreadable(std::string_view key, std::string_view why) {
  return Fault{
      Code::store_failed, Retry::never,
      fmt::format("The stored '{}' cannot be read: {} Restore a copy of the store.", key, why)};
}

std::optional<std::string> text_of(const wire::Json& json, std::string_view member) {
  const auto* found = json.find(member);
  const auto* text = found ? found->as_string() : nullptr;
  if (!text) return std::nullopt;
  return *text;
}

std::optional<std::uint64_t> whole_of(const wire::Json& json, std::string_view member) {
  const auto* found = json.find(member);
  return found ? found->as_uint64() : std::nullopt;
}

Result<Numbers> read_numbers(std::string_view text) {
  TRY(const auto json, wire::parse_json(text, Code::store_failed));
  const auto major = whole_of(json, "major");
  if (major && *major != format_major) {
    return Fault{Code::unsupported_version, Retry::never,
                 fmt::format("The state in the store is of format {}; this program reads {}. Run "
                             "the newer version.",
                             *major, format_major)};
  }
  const auto network = text_of(json, "network");
  const auto hash = text_of(json, "world_hash");
  const auto epoch = whole_of(json, "epoch");
  const auto world = whole_of(json, "world");
  const auto keyring = whole_of(json, "keyring");
  const auto restrictions = whole_of(json, "restrictions");
  if (!major || !network || !hash || !epoch || !world || !keyring || !restrictions) {
    return unreadable(numbers_key, "a member is missing.");
  }
  return Numbers{.network = *network,
                 .epoch = *epoch,
                 .world = *world,
                 .world_hash = *hash,
                 .keyring = *keyring,
                 .restrictions = *restrictions};
}

Result<KeptDelta> read_delta(const std::string& payload) {
  TRY(const auto delta, world::decode_keyring_delta(payload));
  KeptDelta kept{.number = delta.to.number, .payload = payload, .revoked = {}};
  for (const auto& key : delta.keys) {
    if (key.revoked) kept.revoked.push_back(key.id);
  }
  return kept;
}

Result<std::uint64_t> read_generation(const std::string& text) {
  std::uint64_t generation = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), generation);
  if (parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size()) return generation;
  return Fault{Code::store_failed, Retry::never, "it is no number."};
}

Result<RestoredFrom> read_restored(std::string_view text) {
  TRY(const auto json, wire::parse_json(text, Code::store_failed));
  TRY_DO(seal::check_statement(json, restored_kind));
  RestoredFrom from;
  TRY(from.taken, seal::read_text(json, "taken"));
  TRY(from.restored, seal::read_text(json, "restored"));
  TRY(from.lacked, seal::read_text(json, "lacked"));
  TRY(const auto numbers, seal::read_text(json, "numbers"));
  TRY(from.numbers, read_numbers(numbers));
  const auto* finished = json.find("finished");
  from.finished = finished != nullptr && finished->as_bool() != nullptr && *finished->as_bool();
  return from;
}

// What can be read only when all else was.
struct Gathered {
  std::vector<world::SourceFile> resources;
  std::vector<FormerResource> former;
};

// One stored item put where it belongs.
Status read_item(const store::KeyValue& item, State& state, Gathered& gathered) {
  const std::string_view key = item.key;
  if (key == numbers_key) {
    TRY(state.numbers, read_numbers(item.value));
    state.revision = item.mod_revision;
  } else if (key == admin_key_key) {
    state.admin_digest = item.value;
  } else if (key == audit_head_key) {
    TRY(state.audit.head, seal::parse_chain_head(item.value));
    state.audit.revision = item.mod_revision;
  } else if (key == restored_key) {
    TRY(state.restored, read_restored(item.value));
  } else if (key == rollout_key) {
    TRY(state.rollout, read_rollout(item.value));
  } else if (key.starts_with(former_prefix)) {
    TRY(auto former, read_former(key, item.value));
    gathered.former.push_back(std::move(former));
  } else if (key == restrictions_key) {
    TRY(state.restrictions, world::decode_restrictions(item.value));
  } else if (key.starts_with(key_prefix)) {
    TRY(auto content, world::decode_keyring(item.value));
    if (content.keys.size() != 1) return unreadable(key, "it is not one key.");
    const auto id = content.keys.front().id;
    state.keys[id] = std::move(content.keys.front());
  } else if (key.starts_with(delta_prefix)) {
    TRY(auto delta, read_delta(item.value));
    state.deltas.push_back(std::move(delta));
  } else if (key.starts_with(zone_keys)) {
    TRY(state.zone_key_generations[item.key.substr(zone_keys.size())], read_generation(item.value));
  } else if (key.starts_with("resource/")) {
    gathered.resources.push_back({"stored " + item.key.substr(9), item.value});
  }
  return {};
}

Status read_resources(const store::Range& range, const std::vector<world::SourceFile>& files,
                      State& state) {
  auto validation = world::validate(files);
  if (!validation.ok()) {
    return unreadable("resource", world::render_problem(validation.problems.front()));
  }
  state.contents = std::make_shared<world::Contents>(std::move(validation.contents));
  auto changed = validation.changed.begin();
  for (const auto& item : range.items) {
    if (!item.key.starts_with("resource/")) continue;
    if (changed == validation.changed.end()) return unreadable(item.key, "it is empty.");
    state.resource_versions[{world::kind_of(*changed), world::name_of(*changed)}] =
        item.mod_revision;
    ++changed;
  }
  return {};
}

Status read_before(const std::vector<FormerResource>& former, State& state) {
  if (!state.rolling_out()) return {};
  auto before = former_contents(*state.contents, former);
  if (!before) return unreadable(former_prefix, before.error().message);
  state.before = std::move(*before);
  for (const auto& each : former) state.former.push_back(each.name);
  return {};
}

// A log with a gap, or one that does not lead to the Keyring, is of no use.
void drop_broken_deltas(State& state) {
  auto expected = state.numbers.keyring;
  auto first = state.deltas.end();
  while (first != state.deltas.begin() && std::prev(first)->number == expected) {
    --first;
    --expected;
  }
  state.deltas.erase(state.deltas.begin(), first);
}

}  // namespace

std::string resource_key(world::Kind kind, std::string_view name) {
  return fmt::format("resource/{}/{}", world::name_of(kind), name);
}

std::string key_key(std::string_view id) { return fmt::format("{}{}", key_prefix, id); }

std::string delta_key(std::uint64_t number) {
  return fmt::format("{}{:020}", delta_prefix, number);
}

std::string audit_key(std::uint64_t number) {
  return fmt::format("{}{:020}", audit_prefix, number);
}

std::string zone_key_key(std::string_view zone) { return fmt::format("{}{}", zone_keys, zone); }

std::string render_numbers(const Numbers& numbers) {
  auto json = wire::Json::object();
  json.set("major", format_major);
  json.set("network", numbers.network);
  json.set("epoch", numbers.epoch);
  json.set("world", numbers.world);
  json.set("world_hash", numbers.world_hash);
  json.set("keyring", numbers.keyring);
  json.set("restrictions", numbers.restrictions);
  return wire::render_canonical(json);
}

std::string render_restored(const RestoredFrom& from) {
  auto json = seal::make_statement(restored_kind);
  json.set("taken", from.taken);
  json.set("restored", from.restored);
  json.set("lacked", from.lacked);
  json.set("numbers", render_numbers(from.numbers));
  json.set("finished", from.finished);
  return wire::render_canonical(json);
}

std::string render_key(const model::KeyRecord& key) {
  return world::encode_keyring({.orgs = {}, .workspaces = {}, .keys = {key}});
}

Result<State> read_state(const store::Range& range) {
  TRY(const auto mark, find_mark(range));
  if (mark) TRY_DO(check_mark(*mark));
  State state;
  Gathered gathered;
  for (const auto& item : range.items) {
    const auto status = read_item(item, state, gathered);
    if (!status && status.error().code == Code::unsupported_version) return status.error();
    if (!status) return unreadable(item.key, status.error().message);
  }
  TRY_DO(read_resources(range, gathered.resources, state));
  TRY_DO(read_before(gathered.former, state));
  drop_broken_deltas(state);
  return state;
}

}  // namespace portolan::control

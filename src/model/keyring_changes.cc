#include "model/keyring_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "model/name.h"

namespace portolan::model {
namespace {

// The last record of each name among the deltas.
template <class Record>
using Latest = std::map<std::string_view, const Record*>;

// `records`, sorted by name, with those in their places; sorted, too.
template <class Record>
std::vector<Record> with_changes(const std::vector<Record>& records, const Latest<Record>& changes,
                                 std::string Record::* name) {
  std::vector<Record> merged;
  merged.reserve(records.size() + changes.size());
  auto rest = records.begin();
  for (const auto& [key, change] : changes) {
    const auto place = std::ranges::lower_bound(rest, records.end(), key, {}, name);
    merged.insert(merged.end(), rest, place);
    merged.push_back(*change);
    const bool replaced = place != records.end() && (*place).*name == key;
    rest = replaced ? std::next(place) : place;
  }
  merged.insert(merged.end(), rest, records.end());
  return merged;
}

Status check_next(const Version& held, const Version& to) {
  const bool next =
      to.network == held.network && to.epoch == held.epoch && to.number == held.number + 1;
  if (next) return {};
  return Fault{Code::stale_version, Retry::never,
               fmt::format("The delta leads to {}/{}.{}, and only the very next one applies to "
                           "the Keyring {}/{}.{}; fetch a snapshot.",
                           to.network, to.epoch, to.number, held.network, held.epoch, held.number)};
}

// A key may not come back from the tombstone that is held, or that an earlier
// delta brought.
Status note_keys(const Keyring& keyring, const KeyringDelta& delta, Latest<KeyRecord>& latest) {
  for (const KeyRecord& key : delta.keys) {
    const auto changed = latest.find(key.id);
    const KeyRecord* known = changed == latest.end() ? keyring.find_key(key.id) : changed->second;
    if (known != nullptr && known->revoked && !key.revoked) {
      return invalid_resource(
          fmt::format("Key '{}' was revoked and cannot come back; make a new one.", key.id));
    }
  }
  for (const KeyRecord& key : delta.keys) latest.insert_or_assign(key.id, &key);
  return {};
}

}  // namespace

Result<Keyring> apply_deltas(const Keyring& keyring, std::span<const KeyringDelta> deltas) {
  Version held = keyring.version();
  Latest<Org> orgs;
  Latest<Workspace> workspaces;
  Latest<KeyRecord> keys;
  for (const KeyringDelta& delta : deltas) {
    TRY_DO(check_next(held, delta.to));
    TRY_DO(note_keys(keyring, delta, keys));
    for (const Org& org : delta.orgs) orgs.insert_or_assign(org.name, &org);
    for (const Workspace& workspace : delta.workspaces) {
      workspaces.insert_or_assign(workspace.name, &workspace);
    }
    held = delta.to;
  }
  Keyring next = keyring;
  if (!orgs.empty() || !workspaces.empty()) {
    TRY(next.directory_,
        Keyring::make_directory(with_changes(keyring.orgs(), orgs, &Org::name),
                                with_changes(keyring.workspaces(), workspaces, &Workspace::name),
                                held));
  }
  std::vector<const KeyRecord*> changed;
  for (const auto& [id, key] : keys) {
    TRY_DO(Keyring::check_key(*next.directory_, *key));
    changed.push_back(key);
  }
  next.keys_ = keyring.keys().with(changed);
  next.version_ = std::move(held);
  return next;
}

}  // namespace portolan::model

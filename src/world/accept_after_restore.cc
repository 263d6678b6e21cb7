#include "world/accept_after_restore.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace portolan::world {
namespace {

using Names = std::vector<std::string>;

// The first of them, and how many more there are.
std::string list(Names names) {
  constexpr std::size_t shown_max = 10;
  std::ranges::sort(names);
  const auto more = names.size() > shown_max ? names.size() - shown_max : 0;
  names.resize(names.size() - more);
  auto text = fmt::format("{}", fmt::join(names, ", "));
  return more == 0 ? text : fmt::format("{} and {} more", text, more);
}

void add_lifted(Names& lifted, std::string_view what, const std::unordered_set<std::string>& held,
                const std::unordered_set<std::string>& incoming) {
  for (const auto& name : held) {
    if (!incoming.contains(name)) lifted.push_back(fmt::format("{} {}", what, name));
  }
}

}  // namespace

std::unordered_set<std::string> without_tombstone(const std::unordered_set<std::string>& revoked,
                                                  const model::Keyring* keyring) {
  std::unordered_set<std::string> left;
  for (const auto& id : revoked) {
    const auto* key = keyring != nullptr ? keyring->find_key(id) : nullptr;
    if (key == nullptr || !key->revoked) left.insert(id);
  }
  return left;
}

Status accept_after_restore(const model::Keyring& held, const model::Keyring& incoming) {
  Names back;
  held.keys().for_each([&](const model::KeyRecord& key) {
    const auto* next = key.revoked ? incoming.find_key(key.id) : nullptr;
    if (next != nullptr && !next->revoked) back.push_back(key.id);
  });
  if (back.empty()) return {};
  return Fault{Code::stale_version, Retry::never,
               fmt::format("It would bring back what was revoked: {}. Revoke it again: portolan "
                           "key revoke ID.",
                           list(std::move(back)))};
}

Status accept_after_restore(const model::Restrictions& held, const model::Restrictions& incoming,
                            const model::Keyring* keyring) {
  if (incoming.version.epoch <= held.version.epoch) return {};
  Names lifted;
  add_lifted(lifted, "drain", held.drained, incoming.drained);
  add_lifted(lifted, "deny", held.denied, incoming.denied);
  add_lifted(lifted, "revoked machine", held.revoked_machines, incoming.revoked_machines);
  add_lifted(lifted, "revoked key", without_tombstone(held.revoked_keys, keyring),
             incoming.revoked_keys);
  if (lifted.empty()) return {};
  return Fault{Code::stale_version, Retry::never,
               fmt::format("They would lift what holds here: {}. Set it again at control, and "
                           "lift it then if it is to end.",
                           list(std::move(lifted)))};
}

}  // namespace portolan::world

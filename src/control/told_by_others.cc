#include "control/told_by_others.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "control/telling.h"
#include "control/told_document.h"

namespace portolan::control {

void ToldByOthers::take(const store::Range& range, const Reader& reader) {
  if (range.revision < read_at_) return;
  read_at_ = range.revision;
  lost_all_ = false;
  std::set<std::string> there;
  for (const auto& item : range.items) {
    if (!item.key.starts_with(told_prefix)) continue;
    there.insert(item.key);
    put(item.key, item.value, item.mod_revision, reader);
  }
  std::vector<std::string> gone;
  for (const auto& [key, revision] : documents_) {
    if (!there.contains(key)) gone.push_back(key);
  }
  for (const auto& key : gone) drop(key);
  std::erase_if(unread_, [&](const std::string& key) { return !there.contains(key); });
}

void ToldByOthers::take(const store::Changes& changes, const Reader& reader) {
  for (const auto& change : changes.items) {
    if (change.mod_revision <= read_at_ || !change.key.starts_with(told_prefix)) continue;
    if (change.value) {
      put(change.key, *change.value, change.mod_revision, reader);
    } else {
      drop(change.key);
    }
  }
  if (changes.next > 0) read_at_ = std::max(read_at_, changes.next - 1);
}

void ToldByOthers::put(const std::string& key, std::string_view value, std::uint64_t revision,
                       const Reader& reader) {
  const auto control = control_of_told(key);
  if (control && *control == reader.control) return;
  const auto known = documents_.find(key);
  if (known != documents_.end() && known->second == revision) return;
  auto told = read_told(reader.network, value);
  if (!control || !told) {
    const bool said = unread_.contains(key);
    drop(key);
    unread_.insert(key);
    if (said) return;
    shard_.report(
        fmt::format("what '{}' in the store says of gateways is left out: {}", key,
                    told ? "its name is not that of a control's document." : told.error().message));
    return;
  }
  const WallTime now = shard_.wall_now();
  GatewayRecords::ById words;
  for (auto& gateway : *told) {
    auto id = gateway.said.gateway;
    words[std::move(id)] = {.said = std::move(gateway.said),
                            .seen = gateway.polls ? now : now - gateway.silent,
                            .polls = gateway.polls ? 1u : 0u};
  }
  ever_ = true;
  unread_.erase(key);
  documents_[key] = revision;
  records_.hear(key, std::move(words));
}

void ToldByOthers::drop(const std::string& key) {
  unread_.erase(key);
  if (documents_.erase(key) == 0) return;
  records_.lose(key, shard_.wall_now() - told_lease_ms.milliseconds());
}

void ToldByOthers::lose_all() {
  lost_all_ = true;
  read_at_ = 0;
  while (!documents_.empty()) {
    const auto key = documents_.begin()->first;
    drop(key);
  }
  unread_.clear();
}

}  // namespace portolan::control

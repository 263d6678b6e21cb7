#include "control/key_news.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "control/state_codec.h"

namespace portolan::control {
namespace {

bool is_of_keys(std::string_view key) {
  return key == numbers_key || key == audit_head_key || key == restrictions_key ||
         key.starts_with(key_prefix) || key.starts_with(delta_prefix);
}

// The same World under the same epoch, and nothing of a rollout; and of the audit log
// every entry, of which each commit has one.
bool leads_on(const State& state, const State& now, std::uint64_t entries) {
  const Numbers& before = state.numbers;
  const Numbers& after = now.numbers;
  if (state.rolling_out() || after.network != before.network || after.epoch != before.epoch ||
      after.world != before.world || after.world_hash != before.world_hash) {
    return false;
  }
  if (now.audit.head.number != state.audit.head.number + entries) return false;
  const bool restricted = now.restrictions.version.number != 0;
  if ((after.restrictions != before.restrictions) != restricted) return false;
  // Of the deltas read, those that lead to the newest Keyring without a gap are left.
  return after.keyring == before.keyring + now.deltas.size() &&
         (now.deltas.empty() || now.deltas.front().number == before.keyring + 1);
}

}  // namespace

std::optional<KeyNews> read_key_news(const State& state,
                                     const std::vector<store::Change>& changes) {
  KeyNews news;
  std::map<std::string, store::KeyValue> newest;
  std::uint64_t entries = 0;  // of the audit log
  for (const store::Change& change : changes) {
    if (change.key.starts_with(audit_prefix)) {
      ++entries;
      continue;
    }
    if (!is_of_keys(change.key)) return std::nullopt;
    if (change.value) {
      newest[change.key] = {
          .key = change.key, .value = *change.value, .mod_revision = change.mod_revision};
    } else if (change.key.starts_with(delta_prefix)) {
      newest.erase(change.key);
      news.forgotten.push_back(change.key);
    } else {
      return std::nullopt;
    }
  }
  if (!newest.contains(std::string(numbers_key))) return std::nullopt;
  store::Range range;
  for (auto& [key, item] : newest) range.items.push_back(std::move(item));
  auto now = read_state(range);
  if (!now || !leads_on(state, *now, entries)) return std::nullopt;
  news.now = std::move(*now);
  return news;
}

void apply_key_news(State& state, Documents& documents, KeyNews news, const seal::Signer& signer) {
  State& now = news.now;
  State sealing = now;
  sealing.numbers.world = 0;  // it stays as it is
  Documents sealed = seal_all(sealing, signer);
  if (now.numbers.restrictions != state.numbers.restrictions) {
    documents.restrictions = std::move(sealed.restrictions);
    state.restrictions = std::move(now.restrictions);
  }
  const auto is_forgotten = [&news](std::uint64_t number) {
    return std::ranges::find(news.forgotten, delta_key(number)) != news.forgotten.end();
  };
  std::ranges::move(now.deltas, std::back_inserter(state.deltas));
  std::ranges::move(sealed.deltas, std::back_inserter(documents.deltas));
  while (!state.deltas.empty() && is_forgotten(state.deltas.front().number)) {
    state.deltas.pop_front();
    documents.deltas.pop_front();
  }
  for (auto& [id, key] : now.keys) state.keys.insert_or_assign(id, std::move(key));
  state.revision = now.revision;
  state.numbers = std::move(now.numbers);
  state.audit = std::move(now.audit);
}

}  // namespace portolan::control

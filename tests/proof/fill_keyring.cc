// Puts many keys into the store of a control that does not run, by the changes
// that control would make of them:
//
//   fill_keyring <control.db> <keys>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "control/audit.h"
#include "control/change.h"
#include "control/state_codec.h"
#include "large_documents.h"
#include "store/control_table.h"

namespace portolan::proof {
namespace {

constexpr std::size_t keys_a_commit = 20'000;  // behind the last one gateways get a snapshot

control::State read_stored(store::ControlTable& table) {
  store::RangeRequest all_but_audit;
  all_but_audit.after = control::behind_audit;
  return must(control::read_state(must(table.range(all_but_audit))));
}

void add_keys(store::ControlTable& table, control::State& state,
              std::vector<model::KeyRecord> keys) {
  control::Wish wish;
  wish.keys = std::move(keys);
  control::AuditFacts facts;
  facts.act = control::Act::create_key;
  auto change = must(control::compile_change(state, std::move(wish)));
  facts.numbers = change.numbers;
  state.audit = control::add_audit(state, facts, change.transaction);
  const auto revision = must(table.commit(std::move(change.transaction)));
  state.audit.revision = revision;
  control::apply_change(state, std::move(change), revision);
}

void fill(const std::string& path, std::size_t count) {
  store::ControlTable::Options options;
  options.path = path;
  auto table = must(store::ControlTable::open(options));
  auto state = read_stored(table);
  const auto keys = large_keyring(*state.contents, count).keys;
  for (std::size_t first = 0; first < keys.size(); first += keys_a_commit) {
    const auto end = std::min(first + keys_a_commit, keys.size());
    add_keys(table, state,
             {keys.begin() + static_cast<std::ptrdiff_t>(first),
              keys.begin() + static_cast<std::ptrdiff_t>(end)});
  }
}

}  // namespace
}  // namespace portolan::proof

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("usage: fill_keyring <control.db> <keys>\n", stderr);
    return 2;
  }
  portolan::proof::fill(arguments[1], std::strtoull(arguments[2], nullptr, 10));
  return 0;
}

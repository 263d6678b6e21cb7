#include "control/store_survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "control/leased_keys.h"
#include "control/state_codec.h"
#include "runtime/offload.h"

namespace portolan::control {

namespace {

std::vector<store::KeyValue> compared_of(const store::Range& range) {
  std::vector<store::KeyValue> compared;
  for (const auto key : {audit_head_key, numbers_key}) {
    const auto found = std::ranges::find(range.items, key, &store::KeyValue::key);
    if (found != range.items.end()) compared.push_back(*found);
  }
  return compared;
}

Status check_log(const seal::ChainCheck& audit, const State& state) {
  if (audit.head() == state.audit.head) return {};
  return Fault{Code::invalid_resource, Retry::never,
               fmt::format("The audit log ends with {}, and the store says that it ends with {}: "
                           "something of it was removed or added. Restore a copy of the store.",
                           seal::render_chain_head(audit.head()),
                           seal::render_chain_head(state.audit.head))};
}

}  // namespace

runtime::Task<Result<std::vector<store::KeyValue>>> StorePages::next() {
  std::vector<store::KeyValue> items;
  while (items.empty() && !ended_) {
    store::RangeRequest request;
    request.revision = revision_;
    request.after = after_;
    request.keys_max = migrate_page_keys.value;
    CO_TRY(auto range, co_await store_.range(std::move(request)));
    revision_ = range.revision;
    ended_ = range.items.size() < migrate_page_keys.count();
    if (!range.items.empty()) after_ = range.items.back().key;
    items = std::move(range.items);
    std::erase_if(items, [](const auto& item) { return is_held_by_lease(item.key); });
    const auto mark = std::ranges::find(items, migration_key, &store::KeyValue::key);
    if (mark == items.end()) continue;
    mark_ = std::move(*mark);
    items.erase(mark);
  }
  co_return items;
}

void StoreDigest::add(const store::KeyValue& item) {
  digest_.add(fmt::format("{}:", item.key.size()));
  digest_.add(item.key);
  digest_.add(fmt::format(",{}:", item.value.size()));
  digest_.add(item.value);
  digest_.add(",");
  ++keys_;
  bytes_ += item.key.size() + item.value.size();
}

runtime::Task<Result<StoreSurvey>> survey_store(runtime::Shard& shard, store::ControlStore& store,
                                                SurveyProgress progress) {
  StorePages pages(store);
  StoreDigest digest;
  seal::ChainCheck audit;
  store::Range all_but_audit;
  for (;;) {
    CO_TRY(auto items, co_await pages.next());
    if (items.empty()) break;
    for (auto& item : items) {
      digest.add(item);
      if (item.key.starts_with(audit_prefix)) {
        CO_TRY_DO(audit.add(item.value));
      } else {
        all_but_audit.items.push_back(std::move(item));
      }
    }
    progress(digest.keys());
  }
  auto compared = compared_of(all_but_audit);
  auto work = [stored = std::move(all_but_audit)] { return read_state(stored); };
  auto offloaded = runtime::offload(shard, std::move(work));
  CO_TRY(auto state, co_await offloaded);
  CO_TRY_DO(check_log(audit, state));
  co_return StoreSurvey{.sha256 = digest.hex(),
                        .keys = digest.keys(),
                        .bytes = digest.bytes(),
                        .revision = pages.revision(),
                        .mark = pages.mark(),
                        .compared = std::move(compared),
                        .state = std::move(state)};
}

}  // namespace portolan::control

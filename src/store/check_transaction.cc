#include "store/check_transaction.h"

#include <fmt/format.h>

#include <string_view>
#include <unordered_set>

namespace portolan::store {
namespace {

Fault over(const Limit& limit, std::size_t count) {
  return Fault{
      Code::limit_exceeded, Retry::never,
      fmt::format("A change of the store has {}; {} is {}.", count, limit.name, limit.value)};
}

}  // namespace

Status check_transaction(const Transaction& transaction) {
  const auto count = transaction.puts.size() + transaction.deletes.size();
  if (count > store_changes_max.count()) return over(store_changes_max, count);
  std::unordered_set<std::string_view> keys;
  for (const auto& put : transaction.puts) {
    if (put.value.size() > store_value_bytes_max.count()) {
      return over(store_value_bytes_max, put.value.size());
    }
    check(keys.insert(put.key).second, "a transaction changes a key twice");
  }
  for (const auto& key : transaction.deletes) {
    check(keys.insert(key).second, "a transaction changes a key twice");
  }
  return {};
}

}  // namespace portolan::store

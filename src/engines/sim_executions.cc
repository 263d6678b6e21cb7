#include "engines/sim_executions.h"

#include <map>
#include <string_view>
#include <utility>

#include "wire/json_writer.h"

namespace portolan::engines {
namespace {

void write_tally(wire::JsonWriter& json, std::string_view name, const ExecutionTally& tally) {
  const std::uint64_t ended = tally.completed + tally.refused + tally.aborted;
  json.key(name).begin_object();
  json.member("started", tally.started).member("running", tally.started - ended);
  json.member("completed", tally.completed).member("refused", tally.refused);
  json.member("aborted", tally.aborted).member("tokens_delivered", tally.tokens).end_object();
}

}  // namespace

void ExecutionBook::count(const std::string& id, std::uint64_t ExecutionTally::* what,
                          std::uint64_t by) {
  total_.*what += by;
  if (id.empty()) return;
  const auto [entry, is_new] = by_id_.try_emplace(id);
  entry->second.*what += by;
  if (!is_new) return;
  order_.push_back(id);
  if (order_.size() > ids_max) {
    by_id_.erase(order_.front());
    order_.pop_front();
  }
}

std::string ExecutionBook::render() const {
  const std::map<std::string_view, ExecutionTally> sorted(by_id_.begin(), by_id_.end());
  std::string out;
  wire::JsonWriter json(out);
  json.begin_object();
  write_tally(json, "total", total_);
  json.key("requests").begin_object();
  for (const auto& [id, tally] : sorted) write_tally(json, id, tally);
  json.end_object().end_object();
  return out;
}

Execution::Execution(ExecutionBook& book, std::string id) : book_(book), id_(std::move(id)) {
  book_.count(id_, &ExecutionTally::started, 1);
}

}  // namespace portolan::engines

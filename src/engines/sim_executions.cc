#include "engines/sim_executions.h"

#include <map>
#include <string_view>
#include <utility>

#include "wire/json_writer.h"

namespace portolan::engines {
namespace {

void write_tally(wire::JsonWriter& json, const ExecutionTally& tally) {
  const std::uint64_t ended = tally.completed + tally.refused + tally.aborted;
  json.member("started", tally.started).member("running", tally.started - ended);
  json.member("completed", tally.completed).member("refused", tally.refused);
  json.member("aborted", tally.aborted).member("tokens_delivered", tally.tokens);
}

void write_runs(wire::JsonWriter& json, const std::vector<ExecutionRun>& runs) {
  json.key("runs").begin_array();
  for (const ExecutionRun& run : runs) {
    json.begin_object().member("prompt_tokens", run.prompt).member("cached_tokens", run.cached);
    json.member("completion_tokens", run.completion);
    json.member("tokens_delivered", run.delivered).member("ended", run.ended).end_object();
  }
  json.end_array();
}

std::string_view name_of_ending(std::uint64_t ExecutionTally::* ending) {
  if (ending == &ExecutionTally::completed) return "completed";
  return ending == &ExecutionTally::refused ? "refused" : "aborted";
}

}  // namespace

void ExecutionBook::count(const std::string& id, std::uint64_t ExecutionTally::* what,
                          std::uint64_t by) {
  total_.*what += by;
  if (id.empty()) return;
  const auto [entry, is_new] = by_id_.try_emplace(id);
  entry->second.tally.*what += by;
  if (!is_new) return;
  order_.push_back(id);
  if (order_.size() > ids_max) {
    by_id_.erase(order_.front());
    order_.pop_front();
  }
}

ExecutionRun* ExecutionBook::run_of(const std::string& id, std::size_t at) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || at >= found->second.runs.size()) return nullptr;
  return &found->second.runs[at];
}

std::string ExecutionBook::render() const {
  std::map<std::string_view, const Request*> sorted;
  for (const auto& [id, request] : by_id_) sorted.emplace(id, &request);
  std::string out;
  wire::JsonWriter json(out);
  json.begin_object().key("total").begin_object();
  write_tally(json, total_);
  json.end_object().key("requests").begin_object();
  for (const auto& [id, request] : sorted) {
    json.key(id).begin_object();
    write_tally(json, request->tally);
    write_runs(json, request->runs);
    json.end_object();
  }
  json.end_object().end_object();
  return out;
}

Execution::Execution(ExecutionBook& book, std::string id) : book_(book), id_(std::move(id)) {
  book_.count(id_, &ExecutionTally::started, 1);
  const auto found = book_.by_id_.find(id_);
  if (found == book_.by_id_.end()) return;
  at_ = found->second.runs.size();
  found->second.runs.emplace_back();
}

Execution::~Execution() {
  book_.count(id_, ending_, 1);
  if (ExecutionRun* run = book_.run_of(id_, at_)) run->ended = name_of_ending(ending_);
}

void Execution::prefill(std::size_t prompt, std::size_t cached) {
  if (ExecutionRun* run = book_.run_of(id_, at_)) {
    run->prompt = prompt;
    run->cached = cached;
  }
}

void Execution::generate() {
  if (ExecutionRun* run = book_.run_of(id_, at_)) ++run->completion;
}

void Execution::deliver(std::size_t tokens) {
  book_.count(id_, &ExecutionTally::tokens, tokens);
  if (ExecutionRun* run = book_.run_of(id_, at_)) run->delivered += tokens;
}

}  // namespace portolan::engines

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace portolan::engines {

// How many executions there were and how they ended: at an engine, or of one
// request id. What has neither completed, refused nor aborted is running.
struct ExecutionTally {
  std::uint64_t started = 0;    // bodies that were wholly received
  std::uint64_t completed = 0;  // answers that were wholly handed over
  std::uint64_t refused = 0;    // errors that were handed over instead
  std::uint64_t aborted = 0;    // the client left, or a fault was ordered
  std::uint64_t tokens = 0;     // of answers, handed over
};

// What one execution computed, whatever became of its answer.
struct ExecutionRun {
  std::uint64_t prompt = 0;
  std::uint64_t cached = 0;      // of `prompt`
  std::uint64_t completion = 0;  // tokens generated
  std::uint64_t delivered = 0;   // of those, handed over
  std::string_view ended = "running";
};

class Execution;

// The executions at one engine, so that a test can tell how often a request ran.
//
// Lives on: one shard.  Owner: one simulated engine; outlives its Executions.
// Invariants: at most `ids_max` ids are known, the oldest are forgotten first.
class ExecutionBook {
 public:
  const ExecutionTally& total() const { return total_; }
  // {"total":{...},"requests":{"<id>":{..., "runs":[{"prompt_tokens",
  // "cached_tokens","completion_tokens","tokens_delivered","ended"}]}}}
  std::string render() const;

 private:
  friend class Execution;
  static constexpr std::size_t ids_max = 100'000;

  struct Request {
    ExecutionTally tally;
    std::vector<ExecutionRun> runs;
  };

  void count(const std::string& id, std::uint64_t ExecutionTally::* what, std::uint64_t by);
  // Of a request that is still known.
  ExecutionRun* run_of(const std::string& id, std::size_t at);

  ExecutionTally total_;
  std::unordered_map<std::string, Request> by_id_;
  std::deque<std::string> order_;
};

// One execution, counted as aborted unless it says otherwise before it goes.
class Execution {
 public:
  // An empty id is counted in the total alone.
  Execution(ExecutionBook& book, std::string id);
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;
  ~Execution();

  void prefill(std::size_t prompt, std::size_t cached);
  void generate();  // one token
  void deliver(std::size_t tokens);
  void complete() { ending_ = &ExecutionTally::completed; }
  void refuse() { ending_ = &ExecutionTally::refused; }

 private:
  ExecutionBook& book_;
  std::string id_;
  std::size_t at_ = 0;  // among the request's runs
  std::uint64_t ExecutionTally::* ending_ = &ExecutionTally::aborted;
};

}  // namespace portolan::engines

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

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

class Execution;

// The executions at one engine, so that a test can tell how often a request ran.
//
// Lives on: one shard.  Owner: one simulated engine; outlives its Executions.
// Invariants: at most `ids_max` ids are known, the oldest are forgotten first.
class ExecutionBook {
 public:
  const ExecutionTally& total() const { return total_; }
  // {"total":{...},"requests":{"<id>":{...}}}
  std::string render() const;

 private:
  friend class Execution;
  static constexpr std::size_t ids_max = 100'000;

  void count(const std::string& id, std::uint64_t ExecutionTally::* what, std::uint64_t by);

  ExecutionTally total_;
  std::unordered_map<std::string, ExecutionTally> by_id_;
  std::deque<std::string> order_;
};

// One execution, counted as aborted unless it says otherwise before it goes.
class Execution {
 public:
  // An empty id is counted in the total alone.
  Execution(ExecutionBook& book, std::string id);
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;
  ~Execution() { book_.count(id_, ending_, 1); }

  void deliver(std::size_t tokens) { book_.count(id_, &ExecutionTally::tokens, tokens); }
  void complete() { ending_ = &ExecutionTally::completed; }
  void refuse() { ending_ = &ExecutionTally::refused; }

 private:
  ExecutionBook& book_;
  std::string id_;
  std::uint64_t ExecutionTally::* ending_ = &ExecutionTally::aborted;
};

}  // namespace portolan::engines

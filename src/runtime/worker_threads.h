#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace portolan::runtime {

// A few threads that run what would block, in order of arrival.
class WorkerThreads {
 public:
  explicit WorkerThreads(std::size_t threads_max) : threads_max_(threads_max) {}
  // Waits for all work that was given.
  ~WorkerThreads();

  // Threads start with the first work, so that a process that never blocks has none.
  void run(std::move_only_function<void()> work);

 private:
  void work_on();

  const std::size_t threads_max_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::move_only_function<void()>> queue_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool ending_ = false;
};

}  // namespace portolan::runtime

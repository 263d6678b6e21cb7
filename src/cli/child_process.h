#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace portolan::cli {

// A process to be started: its standard output and error are appended to `log`.
struct ChildOrder {
  std::vector<std::string> arguments;    // the program's path first
  std::vector<std::string> environment;  // NAME=value, added to ours
  std::string log;
};

// Starts it in a process group of its own. The kernel kills it when the thread
// that called this ends, whatever ends it: so this is called from the main
// thread alone. Waits until the program runs or could not. Errors:
// bad_configuration, saying what of it failed.
Result<pid_t> start_child(const ChildOrder& order);

// The wait status of a child that has ended, or nothing while it runs. What it
// left running in its process group is killed before its id is free again.
std::optional<int> take_end_of_child(pid_t child);

// Sends a signal to the child and all of its process group.
void signal_child(pid_t child, int number);

// "ended with code 3", "was killed by signal 9 (Killed)".
std::string describe_end(int wait_status);

}  // namespace portolan::cli

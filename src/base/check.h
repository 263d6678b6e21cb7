#pragma once

#include <source_location>
#include <string_view>

namespace portolan {

// Ends the process with file, line and `why` when `truth` does not hold. For
// bugs of ours only, and on in release too: what a peer, client, disk or
// operator can cause is a Fault.
[[noreturn]] void fail_check(std::string_view why, std::source_location where);

inline void check(bool truth, std::string_view why = "invariant broken",
                  std::source_location where = std::source_location::current()) {
  if (!truth) [[unlikely]] {
    fail_check(why, where);
  }
}

}  // namespace portolan

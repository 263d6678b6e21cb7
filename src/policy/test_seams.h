#pragma once

namespace portolan::policy {

#ifdef PORTOLAN_TEST_SEAMS

// Switches that turn one of the two masks off, to show that the other one holds
// alone. Set once at start by `app`, before any thread; a build that is released
// does not have them.
struct TestSeams {
  bool skip_entry_mask = false;     // allowed_zones answers with the placement
  bool skip_executor_mask = false;  // may_execute asks for the model alone
};
inline TestSeams test_seams;

#else

struct TestSeams {
  bool skip_entry_mask = false;
  bool skip_executor_mask = false;
};
inline constexpr TestSeams test_seams;

#endif

}  // namespace portolan::policy

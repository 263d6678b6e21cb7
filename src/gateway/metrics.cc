#include "gateway/metrics.h"

namespace portolan::gateway {

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::connecting:
      return "connecting";
    case Phase::sent:
      return "sent";
    case Phase::prefill:
      return "prefill";
    case Phase::streaming:
      return "streaming";
  }
  fail_check("a phase that is not in the closed set", std::source_location::current());
}

Phase phase_named(std::string_view name) {
  for (std::size_t i = 0; i < phase_count; ++i) {
    const auto phase = static_cast<Phase>(i);
    if (name_of(phase) == name) return phase;
  }
  return Phase::connecting;
}

}  // namespace portolan::gateway

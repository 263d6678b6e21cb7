#include "gateway/recent_decisions.h"

#include <utility>

namespace portolan::gateway {

void RecentDecisions::note(policy::Decided decided) {
  if (kept_.size() < decisions_kept_max.count()) {
    kept_.push_back(std::move(decided));
    return;
  }
  kept_[oldest_] = std::move(decided);
  oldest_ = (oldest_ + 1) % kept_.size();
}

}  // namespace portolan::gateway

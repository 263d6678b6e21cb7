#include "gateway/running_attempts.h"

namespace portolan::gateway {

RunningAttempt::RunningAttempt(RunningAttempts& all, const model::Zone& zone,
                               runtime::CancelScope* outer)
    : all_(all), zone_(zone.name), region_(zone.region), scope_(outer), next_(all.first_) {
  if (next_ != nullptr) next_->previous_ = this;
  all_.first_ = this;
}

RunningAttempt::~RunningAttempt() {
  (previous_ != nullptr ? previous_->next_ : all_.first_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
}

void RunningAttempts::cut_denied(const model::Restrictions& restrictions) {
  for (RunningAttempt* attempt = first_; attempt != nullptr; attempt = attempt->next_) {
    if (!restrictions.denied.contains(attempt->zone_) &&
        !restrictions.denied.contains(attempt->region_)) {
      continue;
    }
    attempt->denied_ = true;
    attempt->scope_.cancel(Code::scope_denied);
  }
}

}  // namespace portolan::gateway

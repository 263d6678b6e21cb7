#include "gateway/running_attempts.h"

#include <utility>

namespace portolan::gateway {

RunningAttempt::RunningAttempt(RunningAttempts& all, RunsWith with, runtime::CancelScope* outer)
    : all_(all), with_(std::move(with)), scope_(outer), next_(all.first_) {
  if (next_ != nullptr) next_->previous_ = this;
  all_.first_ = this;
}

RunningAttempt::~RunningAttempt() {
  (previous_ != nullptr ? previous_->next_ : all_.first_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
}

void RunningAttempts::cut(const model::Restrictions& restrictions) {
  for (RunningAttempt* attempt = first_; attempt != nullptr; attempt = attempt->next_) {
    const RunsWith& with = attempt->with_;
    if (!restrictions.denied.contains(with.zone) && !restrictions.denied.contains(with.region) &&
        !restrictions.revoked_machines.contains(with.machine)) {
      continue;
    }
    attempt->cut_ = true;
    attempt->scope_.cancel(Code::scope_denied);
  }
}

}  // namespace portolan::gateway

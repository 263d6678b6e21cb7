#include "runtime/cancel.h"

#include "base/check.h"

namespace portolan::runtime {

void Cancellable::enter_scope(CancelScope* scope) {
  check(scope_ == nullptr, "already in a scope");
  if (scope == nullptr) return;
  scope_ = scope;
  previous_ = nullptr;
  next_ = scope->first_;
  if (next_ != nullptr) next_->previous_ = this;
  scope->first_ = this;
}

void Cancellable::leave_scope() {
  if (scope_ == nullptr) return;
  if (previous_ != nullptr) {
    previous_->next_ = next_;
  } else {
    scope_->first_ = next_;
  }
  if (next_ != nullptr) next_->previous_ = previous_;
  scope_ = nullptr;
  previous_ = next_ = nullptr;
}

CancelScope::CancelScope(CancelScope* parent) {
  if (parent != nullptr && parent->is_cancelled()) {
    cancelled_ = true;
    reason_ = parent->reason();
    return;
  }
  enter_scope(parent);
}

CancelScope::~CancelScope() { check(first_ == nullptr, "work outlives its cancel scope"); }

void CancelScope::cancel(Code why) {
  if (cancelled_) return;
  cancelled_ = true;
  reason_ = why;
  leave_scope();
  while (first_ != nullptr) {
    Cancellable* waiting = first_;
    waiting->leave_scope();
    waiting->on_cancel(why);
  }
}

Fault cancelled_fault(Code why) {
  return {why, Retry::never,
          why == Code::deadline_exceeded ? "the time for it is over" : "the work was called off"};
}

}  // namespace portolan::runtime

#pragma once

#include "base/fault.h"

namespace portolan::runtime {

class CancelScope;

// Something that a CancelScope can end early: a pending wait, or a scope below.
// In its scope's list exactly while it can be cancelled.
class Cancellable {
 public:
  Cancellable() = default;
  Cancellable(const Cancellable&) = delete;
  Cancellable& operator=(const Cancellable&) = delete;

 protected:
  ~Cancellable() { leave_scope(); }

  void enter_scope(CancelScope* scope);
  void leave_scope();

 private:
  friend class CancelScope;
  // Called once, after this has left the scope's list. Must not resume anybody:
  // it arranges that the waiter is resumed from the shard's loop.
  virtual void on_cancel(Code why) = 0;

  CancelScope* scope_ = nullptr;
  Cancellable* previous_ = nullptr;
  Cancellable* next_ = nullptr;
};

// A region of work that can be ended as a whole. Every coroutine runs under one
// and hands it down to what it awaits; every wait under a cancelled scope
// returns a Fault with the code it was cancelled with, now and from then on.
//
// Lives on: one shard.  Owner: the frame or Gate that made it; outlives all work
// under it.
class CancelScope : public Cancellable {
 public:
  explicit CancelScope(CancelScope* parent);
  ~CancelScope();

  // Ends all waits below, once; later calls change nothing.
  void cancel(Code why = Code::cancelled);
  bool is_cancelled() const { return cancelled_; }
  Code reason() const { return reason_; }

 private:
  friend class Cancellable;
  void on_cancel(Code why) override { cancel(why); }

  bool cancelled_ = false;
  Code reason_ = Code::cancelled;
  Cancellable* first_ = nullptr;
};

// The Fault of a wait that was ended for this reason.
Fault cancelled_fault(Code why);

}  // namespace portolan::runtime

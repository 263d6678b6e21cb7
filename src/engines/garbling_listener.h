#pragma once

#include <memory>
#include <string_view>

#include "engines/sim_faults.h"
#include "runtime/network.h"
#include "runtime/shard.h"

namespace portolan::engines {

// An answer whose head has this field goes out as bytes that are no HTTP.
inline constexpr std::string_view garble_field = "engine-sim-garble";

// A listener of an engine that does wrong on order: it holds what it accepts
// while accept_stall stands, and its streams garble heads.
//
// Lives on: one shard.  Owner: the server that accepts from it; `faults`
// outlives it.
class GarblingListener final : public runtime::Listener {
 public:
  GarblingListener(runtime::Shard& shard, std::unique_ptr<runtime::Listener> inner,
                   const FaultBook& faults)
      : shard_(shard), inner_(std::move(inner)), faults_(faults) {}

  runtime::Task<Result<std::unique_ptr<runtime::Stream>>> accept() override;
  runtime::Address address() const override { return inner_->address(); }

 private:
  runtime::Shard& shard_;
  std::unique_ptr<runtime::Listener> inner_;
  const FaultBook& faults_;
};

}  // namespace portolan::engines

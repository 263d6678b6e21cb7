#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "control/rollout_stage_test_support.h"
#include "control/told_document.h"
#include "virtual/virtual_shard.h"

// For tests: a second control on the stage's store. Each follows the store and tells the other what
// its gateways told; the stage's alone drives.
namespace portolan::control::testing {

struct SecondControl {
  SecondControl(Stage& on, std::unique_ptr<Control> opened)
      : stage(on), control(std::move(opened)), first_tasks(on.shard, 2), tasks(on.shard, 2) {
    check(first_tasks.start(stage.control->follow()) &&
              first_tasks.start(stage.control->tell_others()),
          "a gate");
    check(tasks.start(control->follow()) && tasks.start(control->tell_others()), "a gate");
  }

  // As far as the store can see.
  Task<void> die() { co_await tasks.close(); }

  Stage& stage;
  std::unique_ptr<Control> control;
  runtime::Gate first_tasks;
  runtime::Gate tasks;
};

inline Task<std::unique_ptr<SecondControl>> begin_second(Stage& stage, ControlOptions options) {
  auto opened = co_await Control::open(stage.shard, *stage.store, std::move(options));
  check(opened.has_value(), "control opens");
  co_return std::make_unique<SecondControl>(stage, std::move(*opened));
}

// No gateway polls it any more when this returns.
inline Task<void> end_second(SecondControl& second, std::deque<PollingGateway>& gateways) {
  for (auto& gateway : gateways) gateway.silent = true;
  co_await wait(second.stage, 5);
  for (auto& gateway : gateways) gateway.other = nullptr;
  co_await second.first_tasks.close();
  co_await second.tasks.close();
}

inline std::string log_of(Stage& stage) {
  return static_cast<virtual_time::VirtualShard&>(stage.shard).universe().trace();
}

inline const GatewayRecord* known_at(const Control& control, const std::string& gateway) {
  const auto found = control.gateways().by_id().find(gateway);
  return found == control.gateways().by_id().end() ? nullptr : &found->second;
}

}  // namespace portolan::control::testing

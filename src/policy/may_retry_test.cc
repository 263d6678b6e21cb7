#include "policy/may_retry.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace portolan::policy {
namespace {

// An attempt that may be repeated: refused before anything was done.
AttemptOutcome refused() {
  return {.fault = {Code::connection_refused, Retry::elsewhere, ""},
          .executions = 0,
          .first_byte_sent = false,
          .body_replayable = true,
          .deadline_left = Duration::seconds(1)};
}

std::optional<Code> gives_up(const AttemptOutcome& outcome) { return may_retry(outcome).give_up; }

TEST(MayRetry, NeverAfterTheClientsFirstByte) {
  auto outcome = refused();
  outcome.first_byte_sent = true;
  EXPECT_EQ(gives_up(outcome), Code::engine_failed);
}

TEST(MayRetry, NeverWhatBlamesTheRequestWhateverRetryItCarries) {
  for (std::size_t i = 0; i < code_count; ++i) {
    auto outcome = refused();
    outcome.fault.code = static_cast<Code>(i);
    const int status = facts_of(outcome.fault.code).http_status;
    if (status < 400 || status >= 500) continue;
    EXPECT_FALSE(may_retry(outcome).again()) << name_of(outcome.fault.code);
  }
}

TEST(MayRetry, NeverForAClientThatLeft) {
  auto outcome = refused();
  outcome.fault.code = Code::cancelled;
  EXPECT_EQ(gives_up(outcome), Code::cancelled);
}

TEST(MayRetry, OnlyWhenElsewhereHelps) {
  auto outcome = refused();
  outcome.fault = {Code::world_skew, Retry::later, ""};
  EXPECT_EQ(gives_up(outcome), Code::world_skew);
  outcome.fault.retry = Retry::never;
  EXPECT_EQ(gives_up(outcome), Code::world_skew);
  outcome.fault.retry = Retry::elsewhere;
  EXPECT_TRUE(may_retry(outcome).again());
}

TEST(MayRetry, NotPastTheDeadline) {
  auto outcome = refused();
  outcome.deadline_left = Duration{};
  EXPECT_EQ(gives_up(outcome), Code::deadline_exceeded);
}

TEST(MayRetry, NotForMoreBodiesThanTheLimit) {
  auto outcome = refused();
  outcome.fault.code = Code::connection_reset;
  outcome.executions = static_cast<std::uint32_t>(limits::executions_max.value);
  EXPECT_EQ(gives_up(outcome), Code::attempts_exhausted);
  outcome.executions -= 1;
  EXPECT_TRUE(may_retry(outcome).again());
}

TEST(MayRetry, NotWithoutTheBody) {
  auto outcome = refused();
  outcome.body_replayable = false;
  EXPECT_EQ(gives_up(outcome), Code::engine_failed);
}

TEST(MayRetry, NeverTellsAClientACodeAboutPeersDisksOrLibraries) {
  for (std::size_t i = 0; i < code_count; ++i) {
    auto outcome = refused();
    outcome.fault = {static_cast<Code>(i), Retry::never, ""};
    const auto told = gives_up(outcome);
    ASSERT_TRUE(told.has_value());
    EXPECT_LE(*told, Code::cancelled);
  }
}

TEST(MayRetry, WhatWasRefusedBeforeItBeganIsTriedElsewhere) {
  EXPECT_TRUE(may_retry(refused()).again());
  EXPECT_FALSE(may_retry(refused()).why.empty());
}

}  // namespace
}  // namespace portolan::policy

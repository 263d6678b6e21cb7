#include "control/judge_probe.h"

#include <gtest/gtest.h>

namespace portolan::control {
namespace {

world::PromptProbe sound() {
  return {.prompt = "p",
          .tokens_by_template = Tokens{35},
          .prompt_tokens = Tokens{35},
          .streamed_prompt_tokens = Tokens{35},
          .completion_tokens = Tokens{27},
          .streamed_completion_tokens = Tokens{27},
          .completion_tokens_counted = Tokens{26},
          .finish_reason = "stop",
          .text = "x",
          .text_sha256 = "aa",
          .streamed_the_same = true,
          .why = ""};
}

TEST(JudgeProbe, EachMiscountIsSaid) {
  auto probe = sound();
  probe.prompt_tokens = Tokens{36};
  EXPECT_EQ(contradictions(probe).size(), 2u) << "against its template, and against its stream";
  probe = sound();
  probe.completion_tokens = Tokens{54};
  probe.streamed_completion_tokens = Tokens{54};
  ASSERT_EQ(contradictions(probe).size(), 1u);
  EXPECT_NE(contradictions(probe).front().find("54"), std::string::npos);
  probe = sound();
  probe.streamed_completion_tokens = Tokens{26};
  EXPECT_EQ(contradictions(probe).size(), 1u);
  probe = sound();
  probe.streamed_the_same = false;
  probe.streamed_completion_tokens = Tokens{9};
  EXPECT_EQ(contradictions(probe).size(), 1u) << "another text may have another length";
}

TEST(JudgeProbe, ATokenThatEndsAnAnswerIsCountedOrNot) {
  auto probe = sound();
  EXPECT_TRUE(contradictions(probe).empty());
  probe.completion_tokens_counted = Tokens{27};
  EXPECT_TRUE(contradictions(probe).empty());
}

TEST(JudgeProbe, WhatIsNotToldContradictsNothing) {
  EXPECT_TRUE(contradictions({}).empty());
  auto probe = sound();
  probe.tokens_by_template.reset();
  probe.completion_tokens_counted.reset();
  EXPECT_TRUE(contradictions(probe).empty());
}

}  // namespace
}  // namespace portolan::control

#include "wire/frame_payload.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace portolan::wire {
namespace {

TEST(UsagePayload, IsRefusedWhereACountIsMissingOrNoCount) {
  for (const auto* text :
       {"", "[]", "{}", R"({"prompt_tokens":1})", R"({"prompt_tokens":-1,"completion_tokens":1})",
        R"({"prompt_tokens":1.5,"completion_tokens":1})",
        R"({"prompt_tokens":"1","completion_tokens":1})"}) {
    const auto usage = parse_usage(text);
    ASSERT_FALSE(usage) << text;
    EXPECT_EQ(usage.error().code, Code::malformed_peer);
  }
}

TEST(UsagePayload, SkipsWhatALaterVersionAdds) {
  const auto usage =
      parse_usage(R"({"prompt_tokens":7,"completion_tokens":2,"reasoning":{"x":1},"basis":"new"})");
  ASSERT_TRUE(usage);
  EXPECT_EQ(*usage,
            (UsageCounts{.prompt = {7}, .completion = {2}, .cached = {}, .estimated = true}));
}

RC_GTEST_PROP(UsagePayload, IsReadBackAsItWasRendered,
              (std::uint64_t prompt, std::uint64_t completion, bool estimated)) {
  const UsageCounts usage{.prompt = {prompt},
                          .completion = {completion},
                          .cached = {prompt / 2},
                          .estimated = estimated};
  std::string text;
  render_usage(text, usage);
  RC_ASSERT(parse_usage(text).value() == usage);
}

TEST(FaultPayload, NeverAsksForARetryThatItDoesNotUnderstand) {
  const auto payload = parse_fault(R"({"code":"of_a_later_version","retry":"sideways"})");
  ASSERT_TRUE(payload);
  EXPECT_EQ(payload->fault.code, Code::engine_failed);
  EXPECT_EQ(payload->fault.retry, Retry::never);
  EXPECT_FALSE(parse_fault(R"({"retry":"later"})"));
  EXPECT_FALSE(parse_fault("x"));
}

TEST(FaultPayload, IsReadBackAsItWasRendered) {
  const FaultPayload payload{
      .fault = {.code = Code::world_skew, .retry = Retry::elsewhere, .message = "a \"b\"\n"},
      .held = {.world = "sha256:1", .keyring = 7, .restrictions = UINT64_MAX}};
  std::string text;
  render_fault(text, payload);
  EXPECT_EQ(parse_fault(text).value(), payload);
}

}  // namespace
}  // namespace portolan::wire

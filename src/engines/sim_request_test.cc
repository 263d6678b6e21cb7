#include "engines/sim_request.h"

#include <gtest/gtest.h>

namespace portolan::engines {
namespace {

TEST(SimRequest, IsRefusedInLlamaCppsWords) {
  const auto broken = parse_sim_request("{\"model\":", true);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().status, 400);
  EXPECT_EQ(broken.error().type, "invalid_request_error");
  const auto empty = parse_sim_request("{}", true);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().message, "'messages' is required");
  EXPECT_FALSE(parse_sim_request(R"({"messages":"hi"})", true));
  EXPECT_FALSE(parse_sim_request(R"({"messages":[{"content":"hi"}]})", true));
  EXPECT_FALSE(parse_sim_request(R"({"messages":[],"max_tokens":"many"})", true));
  EXPECT_FALSE(parse_sim_request(R"({"messages":[],"stream":1})", true));
  EXPECT_FALSE(parse_sim_request(R"({"prompt":1})", false));
  EXPECT_FALSE(parse_sim_request("[]", true));
}

TEST(SimRequest, CountsAMessagesFrame) {
  // \x02, user, \n, Say, " hi", \x03; then \x02, assistan, t, \n.
  const auto request =
      parse_sim_request(R"({"messages":[{"role":"user","content":"Say hi"}]})", true);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->prompt.size(), 10u);
  EXPECT_FALSE(request->stream);
  EXPECT_FALSE(request->tokens_max);
}

TEST(SimRequest, ReadsTextsOfParts) {
  const auto parts = parse_sim_request(
      R"({"messages":[{"role":"user","content":[{"type":"text","text":"Say hi"}]}]})", true);
  const auto plain = parse_sim_request(
      R"({"messages":[{"role":"user","content":"Say hi"}],"unknown":{"a":1}})", true);
  ASSERT_TRUE(parts);
  ASSERT_TRUE(plain);
  EXPECT_EQ(parts->prompt, plain->prompt);
}

TEST(SimRequest, ReadsWhatIsAskedOfAStream) {
  const auto request =
      parse_sim_request(R"({"prompt":"x","stream":true,"max_tokens":7,"timings_per_token":true,)"
                        R"("stream_options":{"include_usage":true,"continuous_usage_stats":true}})",
                        false);
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->stream && request->include_usage && request->continuous_usage &&
              request->timings_per_token);
  EXPECT_EQ(request->tokens_max, 7u);
  EXPECT_FALSE(request->chat);
}

}  // namespace
}  // namespace portolan::engines

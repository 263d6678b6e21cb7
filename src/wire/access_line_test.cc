#include "wire/access_line.h"

#include <gtest/gtest.h>

#include <string>

#include "wire/json_value.h"

namespace portolan::wire {
namespace {

TEST(AccessLine, IsOneLineOfJsonWhateverItsTextHolds) {
  AccessLine line;
  line.path = "/a\nb\"\xff";
  line.model = "\r\n{}";
  std::string out;
  render_access_line(out, line);
  EXPECT_EQ(out.find('\n'), out.size() - 1);
  EXPECT_TRUE(parse_json(out));
}

TEST(AccessLine, TellsAllThatIsKnown) {
  const AccessLine line{.time = WallTime::from_unix_seconds(1'767'225'599),
                        .request_id = "g1-1-2",
                        .trace_id = "4bf9",
                        .entry_region = "eu",
                        .entry_zone = "eu-a",
                        .entry_gateway = "g1",
                        .executor_zone = "eu-b",
                        .workspace = "w",
                        .key_id = "k",
                        .model = "m",
                        .scope = "s",
                        .method = "POST",
                        .path = "/v1/chat/completions",
                        .status = 502,
                        .code = "attempts_exhausted",
                        .stream = true,
                        .attempts = 3,
                        .executions = 2,
                        .bytes_in = {10},
                        .bytes_out = {20},
                        .ttft = Duration::microseconds(1'005),
                        .total = Duration::milliseconds(12),
                        .usage = {.prompt = {5}, .completion = {6}, .cached = {4}},
                        .world = "sha256:1",
                        .keyring = 8,
                        .restrictions = 9};
  std::string out;
  render_access_line(out, line);
  EXPECT_EQ(
      out, R"({"time":"2025-12-31T23:59:59.000Z","request_id":"g1-1-2","trace_id":"4bf9",)"
           R"("entry_region":"eu","entry_zone":"eu-a","entry_gateway":"g1","executor_zone":"eu-b",)"
           R"("workspace":"w","key_id":"k","model":"m","scope":"s","method":"POST",)"
           R"("path":"/v1/chat/completions","status":502,"code":"attempts_exhausted",)"
           R"("stream":true,"attempts":3,"executions":2,"bytes_in":10,"bytes_out":20,)"
           R"("ttft_ms":1.005,"total_ms":12.000,"prompt_tokens":5,"completion_tokens":6,)"
           R"("cached_tokens":4,"world":"sha256:1","keyring":8,"restrictions":9})"
           "\n");
}

TEST(Rfc3339, RoundsDownToMilliseconds) {
  std::string out;
  append_rfc3339(out, WallTime{.ns = 1'999'999});
  append_rfc3339(out, WallTime{.ns = -1});
  EXPECT_EQ(out, "1970-01-01T00:00:00.001Z1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace portolan::wire

#include "gateway/hop_frames.h"

#include <gtest/gtest.h>

namespace portolan::gateway {
namespace {

TEST(HopFrames, AHeadThatCouldSplitAResponseIsRefused) {
  for (const char* payload :
       {R"({"status":200,"stream":true,"fields":[["a","b\r\nset-cookie: x"]]})",
        R"({"status":200,"stream":true,"fields":[["a b","c"]]})",
        R"({"status":101,"stream":true,"fields":[]})", R"({"status":"200","stream":true,"fields":[]})",
        R"({"status":200,"fields":[]})", R"({"status":200,"stream":true,"fields":[["a"]]})", "[]"}) {
    const auto head = parse_answer_head(payload);
    ASSERT_FALSE(head) << payload;
    EXPECT_EQ(head.error().code, Code::malformed_peer) << payload;
  }
}

TEST(HopFrames, AHeadIsReadAsItWasWritten) {
  const AnswerHead written{.status = 400, .fields = {{"content-type", "text/plain"}}, .stream = true};
  const auto read = parse_answer_head(render_answer_head(written));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->status, written.status);
  EXPECT_EQ(read->fields, written.fields);
  EXPECT_EQ(read->stream, written.stream);
}

TEST(HopFrames, FramesComeOutWholeHoweverTheBytesAreCut) {
  std::string bytes;
  wire::render_frame(bytes, wire::FrameKind::heartbeat, sending_mark);
  wire::render_frame(bytes, wire::FrameKind::data, "one");
  wire::render_frame(bytes, wire::FrameKind::data, "");
  wire::render_frame(bytes, wire::FrameKind::usage, "{}");
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    FrameReader reader;
    std::string seen;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      reader.add(std::string_view(bytes).substr(at, step));
      for (;;) {
        const auto frame = reader.next();
        ASSERT_TRUE(frame);
        if (!*frame) break;
        seen += std::string((*frame)->payload) + "|";
      }
    }
    EXPECT_EQ(seen, "sending|one||{}|") << step;
    EXPECT_TRUE(reader.empty());
  }
}

TEST(HopFrames, AFrameThatIsCutShortLeavesTheReaderNotEmpty) {
  std::string bytes;
  wire::render_frame(bytes, wire::FrameKind::data, "one");
  FrameReader reader;
  reader.add(std::string_view(bytes).substr(0, bytes.size() - 1));
  const auto frame = reader.next();
  ASSERT_TRUE(frame);
  EXPECT_FALSE(*frame);
  EXPECT_FALSE(reader.empty());
}

}  // namespace
}  // namespace portolan::gateway

#include "wire/frame.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace portolan::wire {
namespace {

using std::string_literals::operator""s;

Code refused_code(std::string_view bytes) {
  const auto frame = parse_frame(bytes);
  EXPECT_FALSE(frame);
  return frame ? Code::cancelled : frame.error().code;
}

TEST(Frame, IsRefusedByItsHeaderAlone) {
  EXPECT_EQ(refused_code("\x01\x00\x10\x00\x02\x01\x00\x00"s), Code::malformed_peer);  // 1 MiB + 1
  EXPECT_EQ(refused_code("\xff\xff\xff\xff\x02\x01\x00\x00"s), Code::malformed_peer);
  EXPECT_EQ(refused_code("\x00\x00\x00\x00\x02\x02\x00\x00"s), Code::malformed_peer);  // major
  EXPECT_EQ(refused_code("\x00\x00\x00\x00\x02\x00\x00\x00"s), Code::malformed_peer);
  EXPECT_EQ(refused_code("\x00\x00\x00\x00\x02\x01\x00\x01"s), Code::malformed_peer);  // not zero
}

TEST(Frame, NeedsAllItsBytes) {
  std::string bytes;
  render_frame(bytes, FrameKind::usage, "payload");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto frame = parse_frame(std::string_view(bytes).substr(0, size));
    ASSERT_TRUE(frame);
    EXPECT_FALSE(*frame);
  }
}

TEST(Frame, IsReadBackAsItWasRendered) {
  for (const auto kind : {FrameKind::head, FrameKind::data, FrameKind::heartbeat, FrameKind::usage,
                          FrameKind::receipt, FrameKind::fault}) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{300}, std::size_t{70'000}}) {
      std::string bytes;
      render_frame(bytes, kind, std::string(size, 'x'));
      const auto buffered = bytes + "next";
      const auto frame = parse_frame(buffered);
      ASSERT_TRUE(frame && *frame);
      EXPECT_EQ((*frame)->kind, kind);
      EXPECT_EQ((*frame)->payload, std::string(size, 'x'));
      EXPECT_EQ((*frame)->consumed, bytes.size());
      EXPECT_FALSE((*frame)->skip);
    }
  }
}

TEST(Frame, OfALaterMinorVersionIsPassedOver) {
  const auto buffered = "\x02\x00\x00\x00\x4d\x01\x09\x00xy"s;
  const auto frame = parse_frame(buffered);
  ASSERT_TRUE(frame && *frame);
  EXPECT_TRUE((*frame)->skip);
  EXPECT_EQ((*frame)->minor, 9);
  EXPECT_EQ((*frame)->consumed, 10u);
}

TEST(FrameDeathTest, OfOursKeepsItsBound) {
  EXPECT_DEATH(render_frame_header(FrameKind::data, limits::frame_bytes_max.count() + 1),
               "frame_bytes_max");
}

}  // namespace
}  // namespace portolan::wire

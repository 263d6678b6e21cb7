#include "wire/base64.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace portolan::wire {
namespace {

TEST(Base64, WhatIsNoneIsRefused) {
  for (const char* text :
       {"A", "AA", "AAA", "A===", "====", "AA=A", "A-_A", "AAAA ", "Zh==", "Zm9="}) {
    const auto read = parse_base64(text, Code::malformed_peer);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, Code::malformed_peer) << text;
  }
}

TEST(Base64, IsThatOfTheStandard) {
  // RFC 4648 section 10.
  EXPECT_EQ(render_base64(""), "");
  EXPECT_EQ(render_base64("f"), "Zg==");
  EXPECT_EQ(render_base64("fo"), "Zm8=");
  EXPECT_EQ(render_base64("foo"), "Zm9v");
  EXPECT_EQ(render_base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(render_base64("\xfb\xff"), "+/8=");
}

RC_GTEST_PROP(Base64, AnyBytesComeBack, (const std::string& bytes)) {
  const auto read = parse_base64(render_base64(bytes), Code::malformed_peer);
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == bytes);
}

}  // namespace
}  // namespace portolan::wire

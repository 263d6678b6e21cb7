#include "seal/text_encoding.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <vector>

namespace portolan::seal {
namespace {

TEST(TextEncoding, RefusesHexThatHasASecondSpelling) {
  std::array<unsigned char, 2> bytes{};
  EXPECT_FALSE(parse_hex("0A0b", bytes));
  EXPECT_FALSE(parse_hex("0a0", bytes));
  EXPECT_FALSE(parse_hex("0a0b0c", bytes));
  EXPECT_FALSE(parse_hex("0a0g", bytes));
  EXPECT_TRUE(parse_hex("0a0b", bytes));
}

TEST(TextEncoding, RefusesBase64urlThatHasASecondSpelling) {
  std::array<unsigned char, 1> byte{};
  EXPECT_TRUE(parse_base64url("AA", byte));
  EXPECT_FALSE(parse_base64url("AB", byte));  // the same byte, other spare bits
  EXPECT_FALSE(parse_base64url("AA==", byte));
  EXPECT_FALSE(parse_base64url("A+", byte));
  EXPECT_FALSE(parse_base64url("A"));  // six bits are no byte
  EXPECT_FALSE(parse_base64url("Zm9"));
  EXPECT_EQ(parse_base64url("Zm8").value(), "fo");
}

TEST(TextEncoding, RendersTheVectorsOfRfc4648) {
  const std::array<unsigned char, 6> foobar = {'f', 'o', 'o', 'b', 'a', 'r'};
  EXPECT_EQ(render_base64url(std::span(foobar).first(1)), "Zg");
  EXPECT_EQ(render_base64url(std::span(foobar).first(5)), "Zm9vYmE");
  EXPECT_EQ(render_base64url(foobar), "Zm9vYmFy");
}

TEST(TextEncoding, ReadsBackWhatItRenders) {
  EXPECT_TRUE(rc::check([](const std::vector<unsigned char>& bytes) {
    std::vector<unsigned char> read(bytes.size());
    RC_ASSERT(parse_hex(render_hex(bytes), read));
    RC_ASSERT(read == bytes);
    std::ranges::fill(read, static_cast<unsigned char>(0));
    RC_ASSERT(parse_base64url(render_base64url(bytes), read));
    RC_ASSERT(read == bytes);
    const std::string text(bytes.begin(), bytes.end());
    RC_ASSERT(parse_base64url(render_base64url(text)).value() == text);
  }));
}

}  // namespace
}  // namespace portolan::seal

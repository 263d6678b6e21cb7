#include "wire/fields.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

namespace portolan::wire {
namespace {

TEST(FieldsDeathTest, LieBehindTheirHead) {
  const std::string head = "ab";
  Fields fields;
  fields.reset(std::string_view(head).substr(1));
  EXPECT_DEATH(fields.add({.name = std::string_view(head).substr(0, 1), .value = head}), "64 KiB");
}

TEST(Fields, KeepTheirOrderAndFindTheFirst) {
  const std::string head = "Ab1aB2c3";
  const std::string_view view(head);
  Fields fields;
  fields.reset(head);
  fields.add({.name = view.substr(0, 2), .value = view.substr(2, 1)});
  fields.add({.name = view.substr(3, 2), .value = view.substr(5, 1)});
  fields.add({.name = view.substr(6, 1), .value = view.substr(7, 1)});
  EXPECT_EQ(fields.find("AB"), "1");
  EXPECT_EQ(fields.count("ab"), 2u);
  EXPECT_EQ(fields.find("a"), std::nullopt);
  EXPECT_EQ(fields[2], (Field{.name = "c", .value = "3"}));
  fields.reset(head);
  EXPECT_TRUE(fields.empty());
}

TEST(Names, AreEqualButForTheCaseOfLetters) {
  EXPECT_TRUE(equal_ignoring_case("Content-Length", "cONTENT-lENGTH"));
  EXPECT_FALSE(equal_ignoring_case("a@", "a`"));
  EXPECT_FALSE(equal_ignoring_case("a[", "a{"));
  EXPECT_FALSE(equal_ignoring_case("-\r", "--"));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
}

RC_GTEST_PROP(FieldValues, HoldNoControlWhereverItStands, (const std::string& bytes)) {
  const bool control = std::ranges::any_of(bytes, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
  RC_ASSERT(is_field_value("x" + bytes + "x") == !control);
}

TEST(FieldValues, AreLookedAtToTheLastByte) {
  for (std::size_t length = 1; length < 40; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (const char bad : {'\0', '\r', '\n', '\x1f', '\x7f'}) {
        std::string value(length, '\xff');
        EXPECT_TRUE(is_field_value(value));
        value[at] = bad;
        EXPECT_FALSE(is_field_value(value)) << length << " " << at;
      }
    }
  }
}

TEST(Tokens, AreWhatNamesAndMethodsMayBe) {
  EXPECT_TRUE(is_token("X-a_1!"));
  for (const auto* text : {"", "a b", "a:", "(", "a\xff", "a\t"}) {
    EXPECT_FALSE(is_token(text));
  }
}

}  // namespace
}  // namespace portolan::wire

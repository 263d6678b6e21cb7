#include "wire/json_value.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "wire/json_writer.h"

namespace portolan::wire {
namespace {

using std::string_literals::operator""s;

Json parsed(std::string_view text) {
  auto json = parse_json(text);
  EXPECT_TRUE(json) << text;
  return json ? *std::move(json) : Json();
}

std::string refusal(std::string_view text) {
  const auto json = parse_json(text);
  EXPECT_FALSE(json) << text;
  return json ? "" : json.error().message;
}

Json drawn(Random& random, int depth) {
  const char* const names[] = {"", "a", "b", "\"", "\xc3\xa9", "\xf0\x9f\x98\x80", "\n", "z\x7f"};
  switch (random.below(depth > 0 ? 8 : 6)) {
    case 0:
      return {};
    case 1:
      return random.chance(0.5);
    case 2:
      return static_cast<std::int64_t>(random.next()) >> random.below(64);
    case 3:
      return random.next() >> random.below(64);
    case 4: {
      const auto number =
          std::ldexp(random.fraction() - 0.5, static_cast<int>(random.below(400)) - 200);
      return number == std::floor(number) ? Json(0.5) : Json(number);
    }
    case 5:
      return names[random.below(8)];
    case 6: {
      auto array = Json::array();
      for (auto left = random.below(4); left > 0; --left) {
        array.push(drawn(random, depth - 1));
      }
      return array;
    }
    default: {
      auto object = Json::object();
      for (auto left = random.below(4); left > 0; --left) {
        object.set(names[random.below(8)], drawn(random, depth - 1));
      }
      return object;
    }
  }
}

TEST(Json, RefusesWhatIsNotOneStrictValue) {
  for (const auto& text : {""s,
                           " "s,
                           "{} x"s,
                           "{}{}"s,
                           "[1,]"s,
                           "{\"a\":1,}"s,
                           "{a:1}"s,
                           "'a'"s,
                           "01"s,
                           "1."s,
                           ".5"s,
                           "+1"s,
                           "NaN"s,
                           "tru"s,
                           "[1 2]"s,
                           "\"\xff\""s,
                           "\"\xed\xa0\x80\""s,
                           "\"\\ud800\""s,
                           "\"a\nb\""s,
                           "{}\0"s,
                           "\xef\xbb\xbf{}"s,
                           "18446744073709551616"s,
                           "1e999"s,
                           "[1,,2 tru]"s,
                           "// x\n{}"s,
                           std::string(65, '[') + std::string(65, ']')}) {
    const auto json = parse_json(text, Code::malformed_peer);
    ASSERT_FALSE(json) << text;
    EXPECT_EQ(json.error().code, Code::malformed_peer);
  }
  EXPECT_TRUE(parse_json(std::string(64, '[') + std::string(64, ']')));
}

TEST(Json, RefusesANameThatComesTwiceAtEveryLevel) {
  EXPECT_EQ(refusal(R"({"a":1,"a":1})"), "the document: a name comes twice in this object");
  EXPECT_EQ(refusal(R"({"a":[{},{"b":{"x":1,"\u0078":2}}]})"),
            "a[1].b: a name comes twice in this object");
}

TEST(Json, KeepsIntegersExact) {
  EXPECT_EQ(parsed("18446744073709551615").as_uint64(), UINT64_MAX);
  EXPECT_EQ(parsed("18446744073709551615").as_int64(), std::nullopt);
  EXPECT_EQ(parsed("-9223372036854775808").as_int64(), INT64_MIN);
  EXPECT_EQ(parsed("-1").as_uint64(), std::nullopt);
  EXPECT_EQ(parsed("1e3").as_int64(), 1000);
  EXPECT_EQ(parsed("1.5").as_int64(), std::nullopt);
  EXPECT_EQ(parsed("9223372036854775808.0").as_int64(), std::nullopt);
  EXPECT_EQ(parsed("7"), Json(7));
  EXPECT_EQ(parsed("7"), Json(std::uint8_t{7}));
  EXPECT_NE(parsed("7"), Json(7.0));
}

TEST(Json, FindsSetsAndErasesMembers) {
  auto json = parsed(R"({"b":1,"a":{"x":null}})");
  ASSERT_NE(json.find("a"), nullptr);
  EXPECT_NE(json.find("a")->find("x"), nullptr);
  EXPECT_EQ(json.find("c"), nullptr);
  EXPECT_EQ(Json(1).find("c"), nullptr);
  json.set("c", true).set("a", "new");
  EXPECT_TRUE(json.erase("b"));
  EXPECT_FALSE(json.erase("b"));
  EXPECT_EQ(render_canonical(json), R"({"a":"new","c":true})");
}

TEST(CanonicalJson, IsTheSameHoweverItWasWritten) {
  EXPECT_EQ(
      render_canonical(parsed("{ \"b\" : [ 1 , 2.50, 1E2 ],\n \"a\" : \"\\u0041\\/\\u000a\" }")),
      R"({"a":"A/\n","b":[1,2.5,100]})");
  EXPECT_EQ(render_canonical(parsed(R"("\u0000\u001f\u007f\"\\\b\f\r\t")")),
            "\"\\u0000\\u001f\x7f\\\"\\\\\\b\\f\\r\\t\"");
  EXPECT_EQ(render_canonical(parsed("-0.0")), "0");
  EXPECT_EQ(render_canonical(parsed("18446744073709551615")), "18446744073709551615");
}

TEST(CanonicalJson, WritesNumbersAsShortlyAsTheyReadBack) {
  for (const auto* text : {"0.1", "1e-7", "0.000001", "1.5e+300", "5e-324",
                           "1.7976931348623157e+308", "-0.25", "123.456", "1e+30"}) {
    EXPECT_EQ(render_canonical(parsed(text)), text);
  }
}

RC_GTEST_PROP(CanonicalJson, ReadsBackAsTheValueItWasMadeOf, (std::uint64_t seed)) {
  Random random(seed);
  for (int i = 0; i < 50; ++i) {
    const auto json = drawn(random, 4);
    const auto text = render_canonical(json);
    const auto back = parse_json(text);
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == json);
    RC_ASSERT(*parse_json(render_pretty(json)) == json);
  }
}

RC_GTEST_PROP(CanonicalJson, ReadsBackEveryDouble, (std::uint64_t bits)) {
  const auto number = std::bit_cast<double>(bits);
  RC_PRE(std::isfinite(number));
  std::string text;
  append_json_number(text, number);
  RC_ASSERT(parsed(text).as_double() == number);
}

TEST(PrettyJson, TakesTwoSpacesALevel) {
  EXPECT_EQ(render_pretty(parsed(R"({"a":[1,{}],"b":[]})")),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
}

}  // namespace
}  // namespace portolan::wire

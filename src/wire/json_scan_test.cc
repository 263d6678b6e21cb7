#include "wire/json_scan.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <string>

#include "base/random.h"

namespace portolan::wire {
namespace {

using std::string_literals::operator""s;

// Scans a copy that ends where its memory ends, so that a byte read behind the
// text is seen by the sanitizer.
std::optional<Code> refusal(std::string_view text) {
  const auto copy = std::make_unique<char[]>(text.size());
  text.copy(copy.get(), text.size());
  ScannedObject object;
  const auto status = scan_object({copy.get(), text.size()}, object);
  return status ? std::nullopt : std::optional(status.error().code);
}

std::string nested(std::size_t levels) {
  std::string text = "{\"a\":";
  for (std::size_t i = 1; i < levels; ++i) {
    text += i % 2 == 0 ? "[" : "{\"b\":";
  }
  text += "1";
  for (std::size_t i = levels - 1; i > 0; --i) {
    text += i % 2 == 0 ? "]" : "}";
  }
  return text + "}";
}

TEST(ScanObject, RefusesWhatIsNotWhollyValid) {
  for (const auto& text : {""s,
                           " "s,
                           "{"s,
                           "}"s,
                           "[]"s,
                           "1"s,
                           "null"s,
                           "{} x"s,
                           "{}{}"s,
                           "{}\0"s,
                           "\xef\xbb\xbf{}"s,
                           "{\"a\":[1,,2 tru]}"s,
                           "{\"a\":1,}"s,
                           "{,}"s,
                           "{\"a\"}"s,
                           "{\"a\":}"s,
                           "{\"a\" 1}"s,
                           "{a:1}"s,
                           "{'a':1}"s,
                           "{\"a\":1 \"b\":2}"s,
                           "{\"a\":[1 2]}"s,
                           "{\"a\":[1,]}"s,
                           "{\"a\":[}"s,
                           "{\"a\":{]}"s,
                           "{\"a\":{\"b\"}}"s,
                           "{\"a\":{\"b\":1,}}"s,
                           "{\"a\":{,}}"s,
                           "{\"a\":tru}"s,
                           "{\"a\":nul}"s,
                           "{\"a\":True}"s,
                           "{\"a\":truee}"s,
                           "{\"a\":01}"s,
                           "{\"a\":1.}"s,
                           "{\"a\":.1}"s,
                           "{\"a\":-}"s,
                           "{\"a\":+1}"s,
                           "{\"a\":1e}"s,
                           "{\"a\":1e+}"s,
                           "{\"a\":NaN}"s,
                           "{\"a\":\"}"s,
                           "{\"a\":\"\n\"}"s,
                           "{\"a\":\"\0\"}"s,
                           "{\"a\":\"\\x\"}"s,
                           "{\"a\":\"\\u12g4\"}"s,
                           "{\"a\":\"\\ud800\"}"s,
                           "{\"a\":\"\\ud800\\u0041\"}"s,
                           "{\"a\":\"\\udc00\"}"s,
                           "{\"a\":\"\\"s,
                           "{\"a\":\"\\u12"s,
                           "{\"a\":\"\xff\"}"s,
                           "{\"a\":\"\xed\xa0\x80\"}"s,
                           "{\"a\":1}//"s,
                           nested(65)}) {
    EXPECT_EQ(refusal(text), Code::malformed_json) << text;
  }
  EXPECT_EQ(refusal(nested(64)), std::nullopt);
}

TEST(ScanObject, RefusesKeysThatTwoReadersMightTakeForDifferentOnes) {
  EXPECT_EQ(refusal(R"({"mod\u0065l":"a"})"), Code::escaped_key);
  EXPECT_EQ(refusal(R"({"a\"b":1})"), Code::escaped_key);
  EXPECT_EQ(refusal(R"({"model":"a","x":1,"model":"a"})"), Code::repeated_key);
  EXPECT_EQ(refusal(R"({"x":{"m\u006f":1,"b":1,"b":2}})"), std::nullopt);
}

TEST(ScanObject, BoundsTheMembersItLooksAt) {
  std::string text = "{\"0\":0";
  for (std::size_t i = 1; i < members_max.count(); ++i) {
    text += ",\"" + std::to_string(i) + "\":0";
  }
  EXPECT_EQ(refusal(text + "}"), std::nullopt);
  EXPECT_EQ(refusal(text + ",\"x\":0}"), Code::invalid_parameter);
}

TEST(ScanObject, TellsWhereEachMemberLies) {
  const std::string text =
      R"( { "model" : "m" ,"n":-1.5e3, "o":{"include_usage": true}, "p":[1,"]"], "t":true, "z":null} )";
  ScannedObject object;
  ASSERT_TRUE(scan_object(text, object));
  ASSERT_EQ(object.members.size(), 6u);
  EXPECT_EQ(object.braces, (Range{1, text.size() - 1}));
  const auto* model = object.find("model");
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->whole.of(text), R"("model" : "m")");
  EXPECT_EQ(model->value.of(text), R"("m")");
  EXPECT_EQ(model->plain_string(text), "m");
  EXPECT_EQ(object.find("n")->value.of(text), "-1.5e3");
  EXPECT_EQ(object.find("n")->plain_string(text), std::nullopt);
  EXPECT_EQ(object.find("p")->value.of(text), R"([1,"]"])");
  EXPECT_EQ(object.find("z")->kind, JsonKind::null);
  EXPECT_EQ(object.find("t")->kind, JsonKind::boolean);
  EXPECT_EQ(object.find("q"), nullptr);

  ScannedObject options;
  ASSERT_TRUE(scan_object_at(text, object.find("o")->value, options));
  EXPECT_EQ(options.find("include_usage")->value.of(text), "true");
  EXPECT_FALSE(scan_object_at(text, object.find("p")->value, options));
}

TEST(ScanObject, LooksAtEveryByteWhereverAStringEnds) {
  for (std::size_t length = 0; length < 70; ++length) {
    const std::string plain(length, 'x');
    EXPECT_EQ(refusal("{\"a\":\"" + plain + "\"}"), std::nullopt);
    EXPECT_EQ(refusal("{\"a\":\"" + plain + "\\n\"}"), std::nullopt);
    EXPECT_EQ(refusal("{\"a\":\"" + plain + "\x1f\"}"), Code::malformed_json);
    EXPECT_EQ(refusal("{\"a\":\"" + plain), Code::malformed_json);
  }
}

TEST(ScannedMember, HasNoPlainStringWhereAnEscapeWouldHaveToBeUndone) {
  const std::string text = R"({"a":"x\/y"})";
  ScannedObject object;
  ASSERT_TRUE(scan_object(text, object));
  EXPECT_EQ(object.find("a")->plain_string(text), std::nullopt);
}

// simdjson's DOM, behind parse_json, looks at every byte too.
RC_GTEST_PROP(ScanObject, AcceptsExactlyWhatAStrictParserAccepts, (std::uint64_t seed)) {
  Random random(seed);
  constexpr const char* tokens[] = {
      "{",      "}",       "[",    "]", ",",           ":",     "\"a\"", "\"b\"",        "1",
      "-2.5e1", "true",    "null", " ", "\"\\u00e9\"", "\"c\"", "false", "\"\xc3\xa9\"", "0",
      "\n",     "\"d\\n\""};
  for (int round = 0; round < 100; ++round) {
    std::string text = R"({"x":[1,{"y":"\ud83d\ude00"},[]],"z":{"q":{}},"w":-0.1})";
    for (auto edits = 1 + random.below(3); edits > 0; --edits) {
      const auto at = random.below(text.size());
      if (random.chance(0.5)) {
        text.erase(at, 1 + random.below(3));
      } else {
        text.insert(at, tokens[random.below(20)]);
      }
    }
    const auto code = refusal(text);
    const auto json = parse_json(text);
    const bool object = json && json->kind() == JsonKind::object;
    const bool repeated = !json && json.error().message.contains("a name comes twice");
    if (!code) {
      RC_ASSERT((object || repeated));
    } else if (*code == Code::malformed_json) {
      RC_ASSERT(!object);
    }
  }
}

}  // namespace
}  // namespace portolan::wire

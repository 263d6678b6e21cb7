#include "dialect/json_walk.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "wire/json_value.h"

namespace portolan::dialect {
namespace {

using wire::Json;
using wire::Range;

Range all(std::string_view text) { return {.begin = 0, .end = text.size()}; }

TEST(JsonWalk, AScalarHasNothingInIt) {
  for (const std::string_view text : {"7", "\"{}\"", "null", ""}) {
    EXPECT_FALSE(JsonWalk(text, all(text)).next()) << text;
  }
}

TEST(JsonWalk, EmptyContainersHaveNothingInThem) {
  for (const std::string_view text : {"{}", "[]", "{ }", "[\n]"}) {
    EXPECT_FALSE(JsonWalk(text, all(text)).next()) << text;
  }
}

TEST(JsonWalk, NoNumberIsReadOfWhatIsNoWholeNumber) {
  for (const char* text : {"", "-1", "1.0", "1e3", "null", "\"1\"", "18446744073709551616"}) {
    EXPECT_EQ(whole_number(text), std::nullopt) << text;
  }
  EXPECT_EQ(whole_number("18446744073709551615"), UINT64_MAX);
}

TEST(JsonWalk, AKeyFurtherDownIsNotFound) {
  const std::string_view text = R"({"a":{"n":1},"b":["n",{"n":2}],"c":"\"n\":3"})";
  EXPECT_EQ(find_number(text, all(text), "n"), std::nullopt);
  EXPECT_EQ(find_number(text, *find_value(text, all(text), "a"), "n"), 1);
}

rc::Gen<Json> values(int depth) {
  return rc::gen::exec([depth]() -> Json {
    switch (*rc::gen::inRange(0, depth > 0 ? 5 : 3)) {
      case 0:
        return Json(*rc::gen::arbitrary<std::int32_t>());
      case 1:
        return Json(
            *rc::gen::container<std::string>(rc::gen::elementOf(std::string("\\\"{[,]} a"))));
      case 2:
        return *rc::gen::element(Json(true), Json());
      case 3: {
        Json array = Json::array();
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i) array.push(*values(depth - 1));
        return array;
      }
      default: {
        Json object = Json::object();
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
          object.set("k" + std::to_string(i), *values(depth - 1));
        }
        return object;
      }
    }
  });
}

TEST(JsonWalk, FindsWhatAParserFinds) {
  rc::check([] {
    const Json value = *values(3);
    const std::string text =
        *rc::gen::arbitrary<bool>() ? wire::render_canonical(value) : wire::render_pretty(value);
    const auto end = text.find_last_not_of(" \n") + 1;
    JsonWalk walk(text, {.begin = 0, .end = end});
    if (const auto* members = value.as_object()) {
      for (const auto& member : *members) {
        RC_ASSERT(walk.next());
        RC_ASSERT(walk.key() == member.name);
        RC_ASSERT(*wire::parse_json(walk.text()) == member.value);
      }
    } else if (const auto* elements = value.as_array()) {
      for (const auto& element : *elements) {
        RC_ASSERT(walk.next());
        RC_ASSERT(*wire::parse_json(walk.text()) == element);
      }
    }
    RC_ASSERT(!walk.next());
  });
}

}  // namespace
}  // namespace portolan::dialect

#include "wire/json_cursor.h"

#include <gtest/gtest.h>

#include <string>

namespace portolan::wire {
namespace {

class JsonCursorTest : public testing::Test {
 protected:
  const Json document = *parse_json(R"({"kind":"Deployment","spec":{
      "engines":[{"url":5,"slots":-1},{"url":"http://a","slots":4,"share":0.5}],
      "names":["a","b"],"mixed":["a",1],"on":true,"none":null}})");
  const JsonCursor root{document, Code::invalid_resource};
  const JsonCursor spec = *root.member("spec");
};

template <class T>
std::string sentence(const Result<T>& result) {
  return result ? "no fault" : result.error().message;
}

TEST_F(JsonCursorTest, NamesThePlaceOfEveryFault) {
  const auto engine = spec.elements("engines")->front();
  EXPECT_EQ(sentence(engine.text("url")), "spec.engines[0].url: expected a string, found a number");
  EXPECT_EQ(sentence(engine.count("slots")),
            "spec.engines[0].slots: expected a whole number from 0");
  EXPECT_EQ(sentence(engine.text("kind")), "spec.engines[0]: the member 'kind' is missing");
  EXPECT_EQ(sentence(spec.text("on")), "spec.on: expected a string, found a boolean");
  EXPECT_EQ(sentence(spec.texts("mixed")), "spec.mixed[1]: expected a string, found a number");
  EXPECT_EQ(sentence(spec.elements("on")), "spec.on: expected an array, found a boolean");
  EXPECT_EQ(sentence(root.text("none")), "the member 'none' is missing");
  EXPECT_EQ(sentence(spec.member("on")->member("x")),
            "spec.on: expected an object, found a boolean");
  EXPECT_EQ(sentence(spec.integer("none")), "spec.none: expected a whole number, found null");
  EXPECT_EQ(root.boolean("kind").error().code, Code::invalid_resource);
}

TEST_F(JsonCursorTest, RefusesMembersItWasNotToldOf) {
  EXPECT_EQ(sentence(spec.elements("engines")->back().only({"url", "slots"})),
            "spec.engines[1]: there is no member 'share' here; known are: url, slots");
  EXPECT_TRUE(root.only({"spec", "kind", "metadata"}));
}

TEST_F(JsonCursorTest, ReadsWhatIsThere) {
  const auto engine = spec.elements("engines")->back();
  EXPECT_EQ(engine.text("url"), "http://a");
  EXPECT_EQ(engine.count("slots"), 4u);
  EXPECT_EQ(engine.integer("slots"), 4);
  EXPECT_EQ(engine.number("share"), 0.5);
  EXPECT_EQ(engine.number("slots"), 4.0);
  EXPECT_EQ(spec.boolean("on"), true);
  EXPECT_EQ(spec.texts("names"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(root.members()->front().name, "kind");
}

TEST_F(JsonCursorTest, TakesMissingAndNullForAbsent) {
  EXPECT_FALSE(spec.find("none"));
  EXPECT_FALSE(spec.find("nothing"));
  EXPECT_EQ(spec.text_or("none", "x"), "x");
  EXPECT_EQ(spec.count_or("nothing", 3), 3u);
  EXPECT_EQ(spec.boolean_or("on", false), true);
  EXPECT_EQ(spec.texts_or_none("nothing")->size(), 0u);
  EXPECT_FALSE(spec.text_or("on", "x"));  // there, but of another type
}

}  // namespace
}  // namespace portolan::wire

#include "wire/splice.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "base/random.h"

namespace portolan::wire {
namespace {

std::string space(Random& random) {
  constexpr const char* spaces[] = {"", "", " ", "\n  ", "\t"};
  return spaces[random.below(5)];
}

// An object as a stranger might lay it out.
std::string drawn_object(Random& random) {
  std::string text = space(random) + "{" + space(random);
  const auto count = random.below(5);
  for (std::uint64_t i = 0; i < count; ++i) {
    constexpr const char* values[] = {"1", "\"x, }\"", "[1, {}]", "{\"in\": [2]}", "null"};
    text += i == 0 ? "" : "," + space(random);
    text += "\"k" + std::to_string(i) + "\"" + space(random) + ":" + space(random) +
            values[random.below(5)] + space(random);
  }
  return text + "}" + space(random);
}

std::string spliced(std::string_view text, const ObjectEdit& edit) {
  Splice splice(text);
  edit.apply_to(splice);
  splice.finish();
  const auto moved = std::move(splice);
  EXPECT_EQ(moved.joined().size(), moved.length());
  return moved.joined();
}

TEST(ObjectEdit, KeepsCommasRightForTheFirstTheLastAndTheOnlyMember) {
  const auto without = [](std::string_view text, std::initializer_list<const char*> keys) {
    ScannedObject object;
    EXPECT_TRUE(scan_object(text, object));
    ObjectEdit edit(object);
    for (const char* key : keys) {
      edit.remove(*object.find(key));
    }
    return spliced(text, edit);
  };
  EXPECT_EQ(without(R"({"a":1, "b":2, "c":3})", {"a"}), R"({"b":2, "c":3})");
  EXPECT_EQ(without(R"({"a":1, "b":2, "c":3})", {"b"}), R"({"a":1, "c":3})");
  EXPECT_EQ(without(R"({"a":1, "b":2, "c":3 })", {"c"}), R"({"a":1, "b":2 })");
  EXPECT_EQ(without(R"({"a":1, "b":2, "c":3})", {"a", "b"}), R"({"c":3})");
  EXPECT_EQ(without(R"({"a":1, "b":2, "c":3})", {"b", "c"}), R"({"a":1})");
  EXPECT_EQ(without(R"({ "a":1 })", {"a"}), R"({  })");
}

TEST(Splice, LeavesTheOriginalWhereItIs) {
  const std::string text = R"({"model":"a","messages":[]})";
  ScannedObject object;
  ASSERT_TRUE(scan_object(text, object));
  ObjectEdit edit(object);
  edit.set("model", "\"bb\"");
  edit.set("stream", "true");
  Splice splice(text);
  edit.apply_to(splice);
  splice.finish();
  ASSERT_EQ(splice.pieces(), 5u);
  EXPECT_EQ(splice.piece(0).data(), text.data());
  EXPECT_EQ(splice.piece(2), R"(,"messages":[])");
  EXPECT_EQ(splice.joined(), R"({"model":"bb","messages":[],"stream":true})");
  EXPECT_TRUE(splice.changed());
}

TEST(Splice, IsOnePieceWhenNothingChanges) {
  Splice splice("{}");
  splice.finish();
  EXPECT_EQ(splice.pieces(), 1u);
  EXPECT_EQ(splice.length(), 2u);
  EXPECT_FALSE(splice.changed());
}

TEST(Splice, EditsAnObjectWithinTheObject) {
  const std::string text = R"({"portolan":{"only":[]},"stream_options":{}})";
  ScannedObject outer;
  ScannedObject inner;
  ASSERT_TRUE(scan_object(text, outer));
  ASSERT_TRUE(scan_object_at(text, outer.find("stream_options")->value, inner));
  ObjectEdit outer_edit(outer);
  outer_edit.remove(*outer.find("portolan"));
  ObjectEdit inner_edit(inner);
  inner_edit.append("include_usage", "true");
  Splice splice(text);
  outer_edit.apply_to(splice);
  inner_edit.apply_to(splice);
  splice.finish();
  EXPECT_EQ(splice.joined(), R"({"stream_options":{"include_usage":true}})");
}

TEST(SpliceDeathTest, RefusesEditsThatOverlap) {
  Splice splice("0123456789");
  splice.replace({.begin = 2, .end = 6}, "");
  splice.replace({.begin = 5, .end = 7}, "");
  EXPECT_DEATH(splice.finish(), "overlap");
}

RC_GTEST_PROP(ObjectEdit, MakesTheValueThatEditingTheTreeMakes, (std::uint64_t seed)) {
  Random random(seed);
  for (int round = 0; round < 50; ++round) {
    const auto text = drawn_object(random);
    ScannedObject object;
    RC_ASSERT(scan_object(text, object).has_value());
    auto expected = *parse_json(text);
    ObjectEdit edit(object);
    for (const ScannedMember& member : object.members) {
      const auto choice = random.below(3);
      if (choice == 0) {
        edit.remove(member);
        RC_ASSERT(expected.erase(member.key));
      } else if (choice == 1) {
        edit.replace(member, R"({"new":1})");
        expected.set(std::string(member.key), Json::object().set("new", 1));
      }
    }
    for (auto more = random.below(3); more > 0; --more) {
      const auto key = "n\"" + std::to_string(more);
      edit.append(key, "[7]");
      expected.set(key, Json::array().push(7));
    }
    const auto actual = parse_json(spliced(text, edit));
    RC_ASSERT(actual.has_value());
    RC_ASSERT(*actual == expected);
  }
}

}  // namespace
}  // namespace portolan::wire

#include "world/document.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace portolan::world {
namespace {

struct Parsed {
  std::vector<Node> documents;
  std::vector<Problem> problems;
};

Parsed parse(std::string_view text) {
  ProblemList problems;
  auto documents = parse_documents("a.yaml", text, problems);
  return {std::move(documents), problems.take_sorted()};
}

void expect_problem(std::string_view text, Place place, std::string_view part) {
  const auto parsed = parse(text);
  ASSERT_EQ(parsed.problems.size(), 1u) << text;
  EXPECT_EQ(parsed.problems[0].place, place) << render_problem(parsed.problems[0]);
  EXPECT_NE(parsed.problems[0].sentence.find(part), std::string::npos)
      << parsed.problems[0].sentence;
}

TEST(Document, RefusesAnchorsAliasesAndTags) {
  expect_problem("a: &x 1", {1, 4}, "anchor");
  expect_problem("a: !!str 1", {1, 4}, "tag");
  EXPECT_EQ(parse("a: &x [1]\nb: *x\nc: *x").problems.size(), 3u);
}

TEST(Document, ShowsWhereItIsNoYaml) {
  expect_problem("a: 1\nb: [1, 2", {2, 1}, "not YAML");
  expect_problem("a: 1\n\tb: 2\n", {2, 1}, "not YAML");
  expect_problem("a: 'x", {1, 6}, "not YAML");
}

TEST(Document, EndsWhereTheReaderMakesNoWay) {
  expect_problem(",[}", {1, 1}, "nothing can begin here");
  expect_problem("a: 1\n---\n,[}", {3, 1}, "nothing can begin here");
}

TEST(Document, RefusesKeysThatStandTwice) {
  expect_problem("a: 1\nb: 2\na: 3", {3, 1}, "first in line 1");
  const auto parsed = parse("a: 1\na: 2");
  ASSERT_EQ(parsed.documents.size(), 1u);
  EXPECT_EQ(parsed.documents[0].find("a")->text, "1");
}

TEST(Document, RefusesKeysThatAreNoText) {
  expect_problem("{[1]: 2}", {1, 2}, "must be text");
  expect_problem("? {a: 1}\n: 2", {1, 3}, "must be text");
}

TEST(Document, RefusesWhatIsNoText) {
  expect_problem("a: 1\nb: \xff", {2, 1}, "UTF-8");
  expect_problem(std::string("a: \0", 4), {1, 1}, "control character");
  expect_problem("a: \xed\xa0\x80", {1, 1}, "UTF-8");  // half a surrogate pair
  expect_problem("a: \xc0\xaf", {1, 1}, "UTF-8");      // two bytes where one does
}

TEST(Document, BoundsDepth) {
  const std::size_t deep = source_depth_max.count() + 1;
  const auto parsed = parse(std::string(deep, '[') + std::string(deep, ']'));
  ASSERT_EQ(parsed.problems.size(), 1u);
  EXPECT_NE(parsed.problems[0].sentence.find("source_depth_max"), std::string::npos);
  EXPECT_FALSE(parse(std::string(100'000, '[')).problems.empty());
  EXPECT_FALSE(parse(std::string(100'000, '{')).problems.empty());
  std::string dashes;
  for (int i = 0; i < 10'000; ++i) dashes += "- ";
  EXPECT_FALSE(parse(dashes).problems.empty());
}

TEST(Document, BoundsSizeAndNodes) {
  EXPECT_EQ(parse(std::string(source_bytes_max.count() + 1, ' ')).problems.size(), 1u);
  std::string many = "[";
  for (std::size_t i = 0; i <= source_nodes_max.count(); ++i) many += "1,";
  const auto parsed = parse(many + "1]");
  ASSERT_EQ(parsed.problems.size(), 1u);
  EXPECT_NE(parsed.problems[0].sentence.find("source_nodes_max"), std::string::npos);
}

TEST(Document, TellsPlainFromQuoted) {
  const auto parsed = parse("a: 1\nb: '1'\nc: \"1\"\nd: ~\ne: null\nf: 'null'");
  ASSERT_EQ(parsed.documents.size(), 1u);
  const Node& root = parsed.documents[0];
  EXPECT_FALSE(root.find("a")->quoted);
  EXPECT_TRUE(root.find("b")->quoted);
  EXPECT_TRUE(root.find("c")->quoted);
  EXPECT_EQ(root.find("d"), nullptr);
  EXPECT_EQ(root.find("e"), nullptr);
  EXPECT_EQ(root.find("f")->text, "null");
}

TEST(Document, ReadsSeveralAndSkipsEmptyOnes) {
  const auto parsed = parse("---\na: 1\n---\n---\n# only a comment\n---\n{\"b\": [1, \"x\"]}\n");
  EXPECT_TRUE(parsed.problems.empty());
  ASSERT_EQ(parsed.documents.size(), 2u);
  EXPECT_EQ(parsed.documents[1].find("b")->items[1].text, "x");
}

TEST(Document, KnowsWhereEverythingStands) {
  const auto parsed = parse("spec:\n  engines:\n  - url: x\n    slots: 4\n");
  ASSERT_EQ(parsed.documents.size(), 1u);
  const Node& root = parsed.documents[0];
  EXPECT_EQ(place_of(root, "spec/engines/0/slots"), (Place{4, 12}));
  EXPECT_EQ(place_of(root, "spec/engines/0/ca"), (Place{3, 5}));
  EXPECT_EQ(place_of(root, "spec/engines"), (Place{2, 3}));
  EXPECT_EQ(place_of(root, "metadata/name"), (Place{1, 1}));
}

TEST(Document, NothingCrashesIt) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) { parse(bytes); }));
  const auto alphabet = rc::gen::element<char>('-', ' ', '\n', ':', '{', '}', '[', ']', ',', '?',
                                               '|', '>', '"', '\'', '#', '&', '*', '!', '%', 'a');
  EXPECT_TRUE(rc::check([&] { parse(*rc::gen::container<std::string>(alphabet)); }));
}

TEST(ProblemList, CountsWhatItDoesNotKeep) {
  ProblemList problems;
  for (std::size_t i = 0; i < ProblemList::problems_max + 7; ++i) problems.add({"f", {1, 1}, "x"});
  const auto all = problems.take_sorted();
  ASSERT_EQ(all.size(), ProblemList::problems_max + 1);
  EXPECT_EQ(all.back().sentence, "And 7 more problems.");
}

}  // namespace
}  // namespace portolan::world

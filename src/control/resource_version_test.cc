#include "control/resource_version.h"

#include <gtest/gtest.h>

namespace portolan::control {
namespace {

struct Taken {
  std::vector<WrittenVersion> versions;
  std::string left;
  std::vector<world::Problem> problems;
};

Taken take(std::string text) {
  world::ProblemList problems;
  Taken taken;
  taken.versions = take_resource_versions("f.yaml", text, problems);
  taken.left = std::move(text);
  taken.problems = problems.take_sorted();
  return taken;
}

TEST(ResourceVersion, ATextThatIsNoNumberIsAProblemAtItsPlace) {
  const auto taken = take("kind: Scope\nmetadata: {name: eu, resourceVersion: soon}\n");
  ASSERT_EQ(taken.problems.size(), 1u);
  EXPECT_EQ(taken.problems[0].place.line, 2);
  EXPECT_TRUE(taken.versions.empty());
}

TEST(ResourceVersion, IsTakenOutOfEveryStyleAndNothingMoves) {
  const WrittenVersion expected{"Scope", "eu", 12};
  for (const std::string text :
       {"kind: Scope\nmetadata: {name: eu, resourceVersion: 12}\nspec: {include: [eu]}\n",
        "kind: Scope\nmetadata: {resourceVersion: \"12\", name: eu}\nspec: {include: [eu]}\n",
        "kind: Scope\nmetadata:\n  name: eu\n  resourceVersion: 12  # as read\nspec: {}\n",
        "{\"kind\":\"Scope\",\"metadata\":{\"name\":\"eu\",\"resourceVersion\":12},\"spec\":{}}",
        "{\"kind\": \"Scope\", \"metadata\": {\n \"resourceVersion\": 12,\n \"name\": \"eu\"}}"}) {
    const auto taken = take(text);
    ASSERT_EQ(taken.versions.size(), 1u) << text;
    EXPECT_EQ(taken.versions[0], expected);
    EXPECT_EQ(taken.left.size(), text.size());
    EXPECT_EQ(taken.left.find("resourceVersion"), std::string::npos) << taken.left;
    EXPECT_TRUE(take(taken.left).problems.empty());
  }
}

TEST(ResourceVersion, EachOfSeveralDocumentsHasItsOwn) {
  const auto taken = take(
      "kind: Org\nmetadata: {name: a, resourceVersion: 1}\n---\n"
      "kind: Org\nmetadata: {name: b}\n---\n"
      "kind: Org\nmetadata: {name: c, resourceVersion: 3}\n");
  const std::vector<WrittenVersion> expected{{"Org", "a", 1}, {"Org", "c", 3}};
  EXPECT_EQ(taken.versions, expected);
}

}  // namespace
}  // namespace portolan::control

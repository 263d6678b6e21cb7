// The reference network of 29 regions and 87 zones is sound, its scopes and
// dated rules let pass what its sources say, and it is what it was before 2025
// with that year's openings.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "model/world.h"
#include "policy/zones_under_rules.h"
#include "world/example_test.h"
#include "world/time_text.h"
#include "world/validate.h"

namespace portolan::world {
namespace {

const Validation& reference() {
  static const Validation validation =
      validate({{"alibaba-29-87.yaml", read_example("alibaba-29-87.yaml")}});
  return validation;
}

const model::World& world() {
  static const auto made =
      model::World::make(reference().contents.network, {"reference", 1, 1}, "");
  check(made.has_value(), made ? "" : made.error().message);
  return *made;
}

std::set<std::string> countries_of(const model::ZoneMask& zones) {
  std::set<std::string> countries;
  zones.for_each(
      [&](ZoneIndex zone) { countries.insert(world().region(world().region_of(zone)).country); });
  return countries;
}

std::size_t zones_of_scope(std::string_view name) {
  return world().zones_of_scope(*world().find_scope(name)).size();
}

// Where the model may run for data that no rule asks about.
model::ZoneMask zones_of_model(std::string_view name, std::string_view date) {
  const model::Labels public_data = {{"data-class", "public"}};
  const ModelIndex model = *world().find_model(name);
  return world().placement(model) &
         policy::zones_under_rules(world(),
                                   {&world().model(model).labels, public_data, *parse_date(date)});
}

// Where a workspace's prompts may be processed.
std::set<std::string> countries_of_workspace(std::string_view name, std::string_view date) {
  const auto& workspaces = reference().contents.workspaces;
  const auto workspace = std::ranges::find(workspaces, name, &model::Workspace::name);
  check(workspace != workspaces.end(), "a workspace of the reference network");
  const auto scope = world().zones_of_scope(*world().find_scope(workspace->scopes.front()));
  return countries_of(
      scope & policy::zones_under_rules(world(), {nullptr, workspace->labels, *parse_date(date)}));
}

TEST(ReferenceWorld, HasNoProblem) {
  for (const auto& problem : reference().problems) ADD_FAILURE() << render_problem(problem);
}

TEST(ReferenceWorld, Has29RegionsAnd87Zones) {
  EXPECT_EQ(reference().contents.network.regions.size(), 29u);
  EXPECT_EQ(world().zone_count(), 87u);
  EXPECT_EQ(world().placement(*world().find_model("default")).size(), 87u);
}

TEST(ReferenceWorld, SplitsIntoItsScopes) {
  EXPECT_EQ(zones_of_scope("global"), 87u);
  EXPECT_EQ(zones_of_scope("mainland"), 56u);
  EXPECT_EQ(zones_of_scope("international"), 31u);
  EXPECT_EQ(zones_of_scope("eu"), 3u) << "London is not in it";
  EXPECT_EQ(zones_of_scope("us"), 4u);
  EXPECT_EQ(zones_of_scope("japan"), 3u);
}

TEST(ReferenceWorld, KeepsRestrictedWeightsOutFromTheirRulesDateOn) {
  using Countries = std::set<std::string>;
  const auto denied = [](std::string_view model, std::string_view date) {
    const auto all = world().placement(*world().find_model(model));
    return countries_of(all - zones_of_model(model, date));
  };
  EXPECT_EQ(denied("smollm2-135m-3a090", "2022-10-20"), Countries{});
  EXPECT_EQ(denied("smollm2-135m-3a090", "2022-10-21"), (Countries{"CN", "HK"}));
  EXPECT_EQ(denied("smollm2-135m-3a090", "2023-11-17"), (Countries{"AE", "CN", "HK", "SA"}));
  EXPECT_EQ(denied("smollm2-135m-h20", "2025-04-08"), Countries{});
  EXPECT_EQ(denied("smollm2-135m-h20", "2025-04-09"), (Countries{"CN", "HK"}));
  EXPECT_EQ(zones_of_model("smollm2-135m-3a090", "2026-08-01").size(), 25u);
  EXPECT_EQ(zones_of_model("smollm2-135m-instruct", "2026-08-01").size(), 87u);
}

TEST(ReferenceWorld, KeepsPersonalDataWhereItsLawSays) {
  using Countries = std::set<std::string>;
  EXPECT_EQ(countries_of_workspace("korea", "2025-09-15"), Countries{"KR"});
  EXPECT_EQ(countries_of_workspace("korea", "2025-09-16"), (Countries{"DE", "KR"}));
  EXPECT_EQ(countries_of_workspace("mainland", "2026-08-01"), Countries{"CN"});
  EXPECT_EQ(countries_of_workspace("eu", "2026-08-01"), Countries{"DE"});
  EXPECT_EQ(countries_of_workspace("japan", "2026-08-01"), Countries{"JP"});
  EXPECT_EQ(countries_of_workspace("us", "2026-08-01"), Countries{"US"});
}

const Contents& before_2025() {
  static const auto validation = validate({{"before-2025.yaml", read_example("before-2025.yaml")}});
  for (const auto& problem : validation.problems) ADD_FAILURE() << render_problem(problem);
  return validation.contents;
}

// With that opening applied.
Contents opened(const Contents& before, const std::string& name) {
  const auto file = "openings/" + name + ".yaml";
  auto validation = validate({{file, read_example(file)}}, before);
  for (const auto& problem : validation.problems) ADD_FAILURE() << render_problem(problem);
  EXPECT_EQ(validation.contents.openings.size(), before.openings.size() + 1);
  return std::move(validation.contents);
}

TEST(ReferenceWorld, WasSmallerBefore2025) {
  EXPECT_EQ(before_2025().network.regions.size(), 28u);
  EXPECT_EQ(before_2025().network.zones.size(), 85u);
  EXPECT_FALSE(find(before_2025(), Kind::region, "na-south-1"));
}

TEST(ReferenceWorld, EachOpeningIsSoundOnTopOfWhatWasBefore) {
  for (const char* name : {"mexico", "bangkok-2", "manila-2", "seoul-2", "kuala-lumpur-3"}) {
    const auto after = opened(before_2025(), name);
    EXPECT_EQ(after.network.zones.size(), 86u) << name;
    ASSERT_EQ(after.openings.size(), 1u);
    const auto& opening = after.openings.front();
    EXPECT_EQ(opening.name, name);
    EXPECT_EQ(opening.round_trips.size(), 3u) << name;
    EXPECT_EQ(opening.region.empty(), std::string_view(name) != "mexico");
  }
}

TEST(ReferenceWorld, IsWhatWasBeforeWithTheOpeningsThatItKnows) {
  auto may = opened(opened(before_2025(), "mexico"), "bangkok-2");
  EXPECT_EQ(may.network, reference().contents.network);
  EXPECT_EQ(may.orgs, reference().contents.orgs);
  EXPECT_EQ(may.workspaces, reference().contents.workspaces);
  const auto all = opened(opened(opened(may, "manila-2"), "seoul-2"), "kuala-lumpur-3");
  EXPECT_EQ(all.network.zones.size(), 90u);
  EXPECT_EQ(all.openings.size(), 5u);
}

TEST(ReferenceWorld, ClassifiesEveryModelForItsRules) {
  for (const auto& model : reference().contents.network.models) {
    EXPECT_TRUE(model.labels.contains("export-class")) << model.name;
  }
}

}  // namespace
}  // namespace portolan::world

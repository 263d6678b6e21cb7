#include "world/validate.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <sstream>

#include "world/resource_text.h"

namespace portolan::world {
namespace {

// A network in which everything is right; tests add what is not.
constexpr std::string_view sound = R"(apiVersion: portolan/v1
kind: Region
metadata: {name: eu-central-1}
spec: {country: DE, latitude: 50.1, longitude: 8.6, groups: [emea]}
---
kind: Zone
metadata: {name: eu-central-1a}
spec: {region: eu-central-1}
---
kind: Scope
metadata: {name: all}
spec: {include: ["*"]}
---
kind: Org
metadata: {name: demo}
---
kind: Model
metadata: {name: small}
spec:
  digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  context: 2048
  features: [chat]
  aliases: [default]
---
)";

// What is wrong with a document that comes behind the sound ones: lines counted
// from its own first.
std::vector<Problem> problems_of(std::string_view document) {
  auto validation = validate({{"sound.yaml", std::string(sound)},
                              {"new.yaml", "apiVersion: portolan/v1\n" + std::string(document)}});
  for (Problem& problem : validation.problems) {
    EXPECT_EQ(problem.file, "new.yaml") << render_problem(problem);
    --problem.place.line;
  }
  return validation.problems;
}

void expect_problem(std::string_view document, Place place, std::string_view part) {
  const auto problems = problems_of(document);
  ASSERT_EQ(problems.size(), 1u) << document << (problems.empty() ? "" : problems[0].sentence)
                                 << (problems.size() < 2 ? "" : problems[1].sentence);
  EXPECT_NE(problems[0].sentence.find(part), std::string::npos) << problems[0].sentence;
  EXPECT_EQ(problems[0].place, place)
      << problems[0].sentence << " " << problems[0].place.line << ":" << problems[0].place.column;
}

TEST(Validate, RefusesWhatIsNoResource) {
  EXPECT_EQ(validate({{"a.yaml", "kind: Org\nmetadata: {name: a}"}}).problems.size(), 1u);
  expect_problem("kind: Gateway\nmetadata: {name: a}", {1, 7}, "one of Region, Zone, Model");
  expect_problem("kind: Invoice\nmetadata: {name: a}", {1, 7}, "no kind 'Invoice'");
  expect_problem("kind: zone\nmetadata: {name: a}", {1, 7}, "Did you mean 'Zone'?");
  expect_problem("metadata: {name: a}", {0, 1}, "'kind' is missing");
  expect_problem("kind: Org", {0, 1}, "'metadata' is missing");
  expect_problem("kind: Org\nmetadata: {name: a}\nspecs: {}", {3, 1}, "Did you mean 'spec'?");
  expect_problem("kind: Org\nmetadata: [a]", {2, 11}, "must be a map, not a list");
  const auto wrong = validate({{"a", "apiVersion: portolan/v2\nkind: Org\nmetadata: {name: a}"}});
  ASSERT_EQ(wrong.problems.size(), 1u);
  EXPECT_EQ(wrong.problems[0].place, (Place{1, 13}));
}

TEST(Validate, ShowsAllProblemsOfAFileInTheirOrder) {
  const auto problems = problems_of(R"(kind: Region
metadata: {name: Bad_Name}
spec:
  contry: DE
  latitude: north
  longitude: 181
  groups: [eu, eu]
  url: "ftp://x"
---
kind: Zone
metadata: {name: z}
spec: {region: eu-central-2}
)");
  std::vector<int> lines;
  for (const auto& problem : problems) lines.push_back(problem.place.line);
  // name; contry, and so no country; latitude; longitude; eu twice; url; region
  EXPECT_EQ(lines, (std::vector<int>{2, 4, 4, 5, 6, 7, 8, 12}));
}

TEST(Validate, RefusesFlawsOfRegionsAndZones) {
  const std::string region = "kind: Region\nmetadata: {name: r}\nspec: {country: ";
  expect_problem(region + "de, latitude: 0, longitude: 0}", {3, 17}, "no country 'de'");
  expect_problem(region + "UK, latitude: 0, longitude: 0}", {3, 17}, "no country 'UK'");
  expect_problem(region + "US, latitude: \"5\", longitude: 0}", {3, 31}, "must be a number");
  expect_problem(region + "US, latitude: .nan, longitude: 0}", {3, 31}, "must be a number");
  expect_problem(region + "US, latitude: 90.1, longitude: 0}", {3, 31}, "from -90 to 90");
  expect_problem(region + "GB, latitude: 0, longitude: 0, groups: [eu]}", {3, 57}, "GB is none");
  expect_problem(region + "US, latitude: 0, longitude: 0, groups: [eu-central-1a]}", {3, 57},
                 "name of a Zone, at sound.yaml:7");
  expect_problem("kind: Zone\nmetadata: {name: z}\nspec: {}", {3, 7}, "'spec/region' is missing");
  const std::string zone = "kind: Zone\nmetadata: {name: z}\nspec: {region: eu-central-1, share: ";
  expect_problem(zone + "0}", {3, 37}, "a percentage from 1 to 100");
  expect_problem(zone + "101}", {3, 37}, "a percentage from 1 to 100");
  expect_problem("kind: Zone\nmetadata: {name: z}\nspec: {region: eu-centrl-1}", {3, 16},
                 "Did you mean 'eu-central-1'?");
  expect_problem("kind: Zone\nmetadata: {name: eu-central-1}\nspec: {region: eu-central-1}",
                 {2, 18}, "name of the Region at sound.yaml:3");
  expect_problem(
      "kind: Zone\nmetadata: {name: z}\nspec: {region: eu-central-1, gateways: "
      "[{id: g, url: \"http://h\", hop: nowhere}]}",
      {3, 71}, "write host:port");
}

TEST(Validate, RefusesFlawsOfModelsAndDeployments) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  const std::string model =
      "kind: Model\nmetadata: {name: tiny}\nspec: {features: [chat], digest: ";
  expect_problem(model + "sha256:abc, context: 1}", {3, 34}, "no digest");
  expect_problem(model + digest + ", context: -1}", {3, 116}, "whole number");
  expect_problem(model + digest + ", context: 0}", {3, 116}, "0 tokens");
  expect_problem(model + digest + ", context: 1, aliases: [default]}", {3, 129},
                 "already names the Model at sound.yaml");
  const std::string deployment = "kind: Deployment\nmetadata: {name: d}\nspec: {model: ";
  expect_problem(deployment + "small, zone: eu-central-1a, engines: []}", {3, 43}, "an engine");
  expect_problem(deployment + "default, zone: eu-central-1a, engines: [{kind: vllm}]}", {3, 15},
                 "no Model 'default'");
  expect_problem(deployment + "small, zone: eu-central-1a, engines: [{kind: vlm}]}", {3, 60},
                 "engine kind");
  expect_problem(deployment + "small, zone: eu-central-1a, engines: [{kind: vllm, slot: 4}]}",
                 {3, 66}, "Did you mean 'slots'?");
  expect_problem(deployment +
                     "small, zone: eu-central-1a, engines: [{kind: vllm}]}\n---\n"
                     "kind: Deployment\nmetadata: {name: e}\n"
                     "spec: {model: small, zone: eu-central-1a, engines: [{kind: vllm}]}",
                 {7, 28}, "already deployed in zone 'eu-central-1a', at new.yaml:3");
}

TEST(Validate, RefusesFlawsOfParityTargets) {
  const std::string target = "kind: ParityTarget\nmetadata: {name: t}\nspec: ";
  expect_problem(target + "{models: [], regions: [\"*\"]}", {3, 8}, "asks for no model");
  expect_problem(target + "{models: [\"*\"], regions: []}", {3, 23}, "of no region");
  expect_problem(target + "{regions: [\"*\"]}", {3, 7}, "'spec/models' is missing");
  expect_problem(target + "{models: [smal], regions: [\"*\"]}", {3, 17}, "Did you mean 'small'?");
  expect_problem(target + "{models: [default], regions: [\"*\"]}", {3, 17}, "no Model 'default'");
  expect_problem(target + "{models: [small], regions: [emae]}", {3, 35}, "Did you mean 'emea'?");
  expect_problem(target + "{models: [small], regions: [eu-central-1a]}", {3, 35},
                 "nor is it country:XX or *. Did you mean 'eu-central-1'?");
  expect_problem(target + "{models: [small], regions: [\"*\"], except: [\"country:XX\"]}", {3, 50},
                 "no region or group 'country:XX'");
  expect_problem(target + "{models: [small], regions: [\"*\"], features: [chta]}", {3, 52},
                 "Did you mean 'chat'?");
  expect_problem(target + "{models: [small], regions: [\"*\"], by: soon}", {3, 45}, "date");
  expect_problem(target + "{models: [small], regions: [\"*\"], slot: 4}", {3, 41},
                 "Did you mean 'slots'?");
}

TEST(Validate, AParityTargetIsNoPartOfTheWorld) {
  const auto validation =
      validate({{"sound.yaml", std::string(sound)}, {"new.yaml", R"(apiVersion: portolan/v1
kind: ParityTarget
metadata: {name: t}
spec: {models: [small], regions: [eu, "country:FR"], features: [chat], context: 2048, by: 2027-01-01}
)"}});
  EXPECT_TRUE(validation.ok());
  ASSERT_EQ(validation.contents.parity_targets.size(), 1u);
  EXPECT_EQ(validation.contents.network,
            validate({{"sound.yaml", std::string(sound)}}).contents.network);
}

TEST(Validate, RefusesFlawsOfOpenings) {
  const std::string opening = "kind: Opening\nmetadata: {name: o}\nspec: ";
  expect_problem(opening + "{}", {3, 1}, "of a region or of a zone: write one of the two");
  expect_problem(opening + "{region: eu-central-1, zone: eu-central-1a}", {3, 1}, "write one");
  expect_problem(opening + "{region: eu-centrl-1}", {3, 16}, "Did you mean 'eu-central-1'?");
  expect_problem(opening + "{zone: eu-central-1}", {3, 14}, "Did you mean 'eu-central-1a'?");
  const std::string of_zone = opening + "{zone: eu-central-1a, ";
  expect_problem(of_zone + "skip: [{gate: neighbors, reason: none near}]}", {3, 43},
                 "no gate 'neighbors'. Did you mean 'neighbours'? They are reach, clocks");
  expect_problem(of_zone + "skip: [{gate: loss}]}", {3, 36}, "reason' is missing");
  expect_problem(of_zone + "neighbours: [eu-central-1, eu-centrl-1]}", {3, 56},
                 "no region or zone 'eu-centrl-1'. Did you mean 'eu-central-1'?");
  const auto group = problems_of(of_zone + "neighbours: [emea]}");
  ASSERT_EQ(group.size(), 1u);
  EXPECT_EQ(group[0].sentence, "There is no region or zone 'emea'.");
  expect_problem(of_zone + "round_trips: [{to: eu-central-1, ms: 0}]}", {3, 66},
                 "No round trip takes that little");
  expect_problem(of_zone + "round_trips: [{to: eu-central-2, ms: 5}]}", {3, 48},
                 "no Region 'eu-central-2'");
  expect_problem(of_zone + "clock_s: 5}", {3, 29}, "Did you mean 'clock_ms'?");
}

TEST(Validate, AnOpeningIsNoPartOfTheWorld) {
  const auto validation = validate({{"sound.yaml", std::string(sound)}, {"new.yaml", R"(
apiVersion: portolan/v1
kind: Opening
metadata: {name: o}
spec: {region: eu-central-1, round_trips: [{to: eu-central-1, ms: 2.5}], load: 8}
)"}});
  EXPECT_TRUE(validation.ok());
  ASSERT_EQ(validation.contents.openings.size(), 1u);
  EXPECT_EQ(validation.contents.openings[0].clock_ms, 500u);
  EXPECT_EQ(validation.contents.network,
            validate({{"sound.yaml", std::string(sound)}}).contents.network);
}

TEST(Validate, RefusesFlawsOfScopes) {
  const std::string scope = "kind: Scope\nmetadata: {name: s}\nspec: ";
  expect_problem(scope + "{include: []}", {3, 8}, "includes nothing");
  expect_problem(scope + "{include: [\"*\"], exclude: [\"country:DE\"]}", {3, 8}, "holds no zone");
  expect_problem(scope + "{include: [\"country:FR\"]}", {3, 8}, "holds no zone");
  expect_problem(scope + "{include: [\"country:XX\"]}", {3, 18}, "no zone, region or group");
  expect_problem(scope + "{include: [\"*\", eu-centrl-1]}", {3, 23},
                 "Did you mean 'eu-central-1'?");
  expect_problem(scope + "{include: [\"*\"], entry: inscope}", {3, 31}, "Did you mean 'in-scope'?");
}

TEST(Validate, RefusesFlawsOfRules) {
  const std::string rule = "kind: Rule\nmetadata: {name: r}\nspec: ";
  expect_problem(rule + "{deny: {to: {country: [CN, XX]}}}", {3, 34}, "no country 'XX'");
  expect_problem(rule + "{deny: {to: {}}}", {3, 15}, "names no place");
  expect_problem(rule + "{require: {data: {a: b}, in: {group: [moon]}}}", {3, 45},
                 "No region is in a group 'moon'");
  expect_problem(rule + "{deny: {to: {zone: [x]}}}", {3, 27}, "no Zone 'x'");
  expect_problem(rule + "{deny: {weights: {a: b}}}", {3, 14}, "'spec/deny/to' is missing");
  expect_problem(rule + "{from: 2024-01-01}", {3, 7}, "either 'deny' or 'require'");
  expect_problem(rule + "{deny: {to: {country: [CN]}}, from: 2023-02-30}", {3, 43},
                 "must be a date");
  expect_problem(rule + "{deny: {to: {country: [CN]}}, from: 2024-01-02, until: 2024-01-01}",
                 {3, 62}, "never holds");
}

TEST(Validate, RefusesFlawsOfWorkspaces) {
  const std::string workspace = "kind: Workspace\nmetadata: {name: w, org: demo}\nspec: {scopes: ";
  expect_problem(workspace + "[]}", {3, 8}, "has no scope");
  expect_problem(workspace + "[alll]}", {3, 17}, "Did you mean 'all'?");
  expect_problem(workspace + "[all], key_freshness: 29s}", {3, 38}, "Below 30s");
  expect_problem(workspace + "[all], key_freshness: soon}", {3, 38}, "must be a duration");
  expect_problem(workspace + "[all], receipts: evry}", {3, 33}, "is one of asked, every");
  expect_problem(workspace + "[all], durable: disk}", {3, 32}, "is one of process, machine");
  expect_problem(workspace + "[all], limits: {rpm: 1.5}}", {3, 37}, "whole number");
  expect_problem("kind: Workspace\nmetadata: {name: w, org: dmo}\nspec: {scopes: [all]}", {2, 26},
                 "Did you mean 'demo'?");
  expect_problem("kind: Workspace\nmetadata: {name: w}\nspec: {scopes: [all]}", {2, 11},
                 "'metadata/org' is missing");
}

TEST(Validate, NamesBothPlacesOfWhatIsWrittenTwice) {
  expect_problem("kind: Org\nmetadata: {name: demo}", {2, 18}, "first at sound.yaml:15");
}

TEST(Validate, LooksUpReferencesInWhatIsStored) {
  const auto stored = validate({{"sound.yaml", std::string(sound)}});
  ASSERT_TRUE(stored.ok()) << render_problem(stored.problems[0]);
  const std::string workspace =
      "apiVersion: portolan/v1\nkind: Workspace\nmetadata: {name: w, org: demo}\n"
      "spec: {scopes: [all]}";
  EXPECT_FALSE(validate({{"w.yaml", workspace}}).ok());
  const auto change = validate({{"w.yaml", workspace}}, stored.contents);
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(change.changed.size(), 1u);
  EXPECT_EQ(change.contents.workspaces.size(), 1u);
  EXPECT_EQ(change.contents.network, stored.contents.network);
}

TEST(Validate, ReplacesWhatIsStored) {
  const auto stored = validate({{"sound.yaml", std::string(sound)}});
  const std::string zone =
      "apiVersion: portolan/v1\nkind: Zone\nmetadata: {name: eu-central-1a}\n"
      "spec: {region: eu-central-1, labels: {tier: gold}}";
  const auto change = validate({{"z.yaml", zone}}, stored.contents);
  ASSERT_TRUE(change.ok());
  ASSERT_EQ(change.contents.network.zones.size(), 1u);
  EXPECT_EQ(change.contents.network.zones[0].labels.at("tier"), "gold");
}

TEST(Validate, RefusesADeletionThatLeavesReferencesDangling) {
  auto contents = validate({{"sound.yaml", std::string(sound)}}).contents;
  ASSERT_TRUE(remove(contents, Kind::region, "eu-central-1"));
  const auto rest = validate({}, contents);
  ASSERT_FALSE(rest.ok());
  EXPECT_EQ(render_problem(rest.problems[0]),
            "stored Zone/eu-central-1a: There is no Region 'eu-central-1'.");
}

TEST(Validate, PutsRegionsOfTheEuropeanUnionIntoTheGroupEu) {
  const auto validation = validate({{"sound.yaml", std::string(sound)}});
  ASSERT_TRUE(validation.ok());
  EXPECT_EQ(validation.contents.network.regions[0].groups,
            (std::vector<std::string>{"emea", "eu"}));
}

TEST(Validate, NoCutOfASoundFileCrashesIt) {
  for (std::size_t size = 0; size <= sound.size(); ++size) {
    validate({{"cut.yaml", std::string(sound.substr(0, size))}});
  }
  EXPECT_TRUE(rc::check([] {
    std::string text(sound);
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = *rc::gen::arbitrary<char>();
    validate({{"spoilt.yaml", text}});
  }));
}

}  // namespace
}  // namespace portolan::world

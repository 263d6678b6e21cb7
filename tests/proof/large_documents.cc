#include "large_documents.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <sstream>

#include "base/limits.h"
#include "base/random.h"
#include "model/credential.h"
#include "world/codec.h"
#include "world/validate.h"

namespace portolan::proof {
namespace {

constexpr std::size_t class_rules = 8;  // each halves the workspaces: 256 classes at most

world::Contents read_contents(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  auto read = world::validate({{path, text.str()}});
  if (!file || !read.ok()) {
    std::fprintf(stderr, "%s is no World\n", path.c_str());
    std::exit(2);
  }
  return std::move(read.contents);
}

// A rule that half of the workspaces meet.
model::Rule class_rule(std::size_t number, const std::string& country) {
  model::Rule rule;
  rule.name = fmt::format("zz-class-{}", number);
  rule.data = {{fmt::format("class-{}", number), "yes"}};
  rule.places.country = {country};
  rule.from = WallTime::from_unix_seconds(1'700'000'000 + static_cast<std::int64_t>(number));
  rule.reason = "tells workspaces apart";
  return rule;
}

model::Workspace class_workspace(std::size_t number, const world::Contents& contents) {
  model::Workspace workspace;
  workspace.name = fmt::format("zz-{:04}", number);
  workspace.org = contents.orgs.front().name;
  workspace.scopes = {contents.network.scopes.front().name};
  for (std::size_t bit = 0; bit < class_rules; ++bit) {
    workspace.labels[fmt::format("class-{}", bit)] = (number >> bit & 1) != 0 ? "yes" : "no";
  }
  return workspace;
}

void add_model(world::Contents& contents, std::size_t number, std::size_t zones_a_model) {
  auto& network = contents.network;
  model::Model model = network.models.front();
  model.name = fmt::format("zz-model-{:03}", number);
  model.digest = fmt::format("sha256:{:064x}", number);
  model.aliases = {};
  model.labels = {{"export-class", number % 4 == 0 ? "3A090" : "none"}};
  for (std::size_t i = 0; i < zones_a_model; ++i) {
    const auto& zone = network.zones[(number * 7 + i) % network.zones.size()];
    model::Deployment deployment;
    deployment.name = model.name + "." + zone.name;
    deployment.model = model.name;
    deployment.zone = zone.name;
    model::Engine engine;
    engine.kind = "vllm";
    engine.url = fmt::format("http://10.{}.{}.2:8000", i, number % 250);
    deployment.engines.push_back(std::move(engine));
    network.deployments.push_back(std::move(deployment));
  }
  network.models.push_back(std::move(model));
}

std::size_t world_bytes(const std::string& path, std::size_t models, std::size_t zones_a_model) {
  return world::encode_network(large_contents(path, models, zones_a_model).network).size();
}

}  // namespace

world::Contents large_contents(const std::string& path, std::size_t models,
                               std::size_t zones_a_model) {
  auto contents = read_contents(path);
  auto& network = contents.network;
  for (std::size_t i = network.models.size(); i < models; ++i) {
    add_model(contents, i, zones_a_model);
  }
  for (std::size_t i = 0; i < class_rules; ++i) {
    network.rules.push_back(class_rule(i, network.regions[i * 3].country));
  }
  for (std::size_t i = 0; i < policy_classes_wanted; ++i) {
    contents.workspaces.push_back(class_workspace(i, contents));
  }
  std::ranges::sort(network.deployments, {}, &model::Deployment::name);
  return contents;
}

std::size_t zones_that_fit(const std::string& path, std::size_t models) {
  const std::size_t least = world_bytes(path, models, 1);
  const std::size_t each = (world_bytes(path, models, 5) - least) / 4;
  const std::size_t room = limits::world_bytes_max.count() - least;
  // A place's number in its URL grows with it: a hundredth is kept free.
  const std::size_t by_bytes = 1 + room * 99 / 100 / each;
  const auto deployments = large_contents(path, models, 0).network.deployments.size();
  const std::size_t by_count = (limits::resources_max.count() - deployments) / models;
  return std::min(by_bytes, by_count);
}

model::Keyring::Content large_keyring(const world::Contents& contents, std::size_t keys) {
  model::Keyring::Content content;
  content.orgs = contents.orgs;
  content.workspaces = contents.workspaces;
  Random random(1);
  const auto fill = [&random](auto& bytes) {
    for (auto& byte : bytes) byte = static_cast<unsigned char>(random.below(256));
  };
  for (std::size_t i = 0; i < keys; ++i) {
    std::array<unsigned char, 32> secret{};
    std::array<unsigned char, 9> id{};
    fill(secret);
    fill(id);
    const auto made = model::make_key(secret, id);
    model::KeyRecord key;
    key.id = made.credential.id;
    key.digest = made.credential.digest;
    key.workspace = content.workspaces[i % content.workspaces.size()].name;
    key.created = WallTime::from_unix_seconds(1'790'000'000);
    content.keys.push_back(std::move(key));
  }
  std::ranges::sort(content.keys, {}, &model::KeyRecord::id);  // as control has them
  return content;
}

Authority make_authority(std::string network) {
  seal::KeySeed root_seed{};
  seal::KeySeed seed{};
  root_seed.fill(1);
  seed.fill(2);
  const seal::SigningKey root(root_seed);
  const seal::SigningKey key(seed);
  seal::Subject subject;
  subject.network = std::move(network);
  subject.name = "control-1";
  subject.key = key.verify_key();
  subject.not_before = WallTime::from_unix_seconds(0);
  subject.not_after = WallTime::from_unix_seconds(4'000'000'000);
  return {root.verify_key(), {key, seal::issue_certificate(subject, root)}};
}

double cpu_ms() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) / 1e6;
}

std::size_t heap_bytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void Report::must_hold(bool holds, const std::string& what) {
  all_held_ = all_held_ && holds;
  if (!holds) std::printf("figure: DOES NOT HOLD: %s\n", what.c_str());
}

}  // namespace portolan::proof

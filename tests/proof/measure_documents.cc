// What Worlds of 500 models and Keyrings of 100,000 and 1,000,000 keys take, by
// the functions that control and gateways call on them:
//
//   measure_documents <World of the reference network>
//
// Times are medians of CPU, held against limits that a busy machine keeps; counts
// and bytes are held as they are. Ends with status 1 where one is not kept.

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "base/limits.h"
#include "control/change.h"
#include "control/documents.h"
#include "large_documents.h"
#include "model/keyring_changes.h"
#include "model/view.h"
#include "model/world.h"
#include "policy/compile_masks.h"
#include "world/codec.h"
#include "world/keyring_snapshot.h"

namespace portolan::proof {
namespace {

constexpr int runs = 5;
constexpr double compile_ms_max = 2'000;  // design: a World's, and a Keyring's load is 1 s
constexpr double load_ms_max = 1'000;
constexpr double large_load_ms_max = 5'000;  // of keys_max keys
constexpr double change_ms_max = 0.5;
constexpr double changes_ms_max = 100;
const std::string network_name = "local";

model::Version version_of(std::uint64_t number) { return {network_name, 1, number}; }

double mib(std::size_t bytes) { return static_cast<double>(bytes) / (1024.0 * 1024.0); }

WallTime today() { return WallTime::from_unix_seconds(1'795'000'000); }

// What a gateway does with a sealed World before it swaps.
struct OpenedWorld {
  std::shared_ptr<const model::World> world;
  model::MaskTables masks;
};

OpenedWorld open_world(const std::string& sealed, const Authority& authority,
                       const model::Keyring& keyring) {
  const auto document =
      must(seal::open_document(sealed, seal::DocumentKind::world, authority.root, today()));
  auto world = model::World::make(must(world::decode_network(document.payload)), document.version,
                                  document.hash);
  OpenedWorld opened{std::make_shared<const model::World>(must(std::move(world))), {}};
  opened.masks = policy::compile_masks(*opened.world, keyring);
  return opened;
}

// From the resources to a sealed World, as control does for each change of one.
double control_ms(const world::Contents& contents, const Authority& authority) {
  control::State state;
  state.numbers.network = network_name;
  return median_ms(runs, [&] {
    control::Wish wish;
    wish.contents = std::make_shared<const world::Contents>(contents);
    return must(control::prepare(state, std::move(wish), authority.signer));
  });
}

// The largest World of so many models, and that a larger one is refused.
void measure_size(const std::string& path, const world::Contents& contents, Report& report) {
  const auto& network = contents.network;
  const auto payload = world::encode_network(network);
  report.figure(fmt::format(
      "World: {} models, {} deployments, {} workspaces: {:.2f} MiB; "
      "world_bytes_max is {:.0f} MiB, resources_max {}",
      network.models.size(), network.deployments.size(), contents.workspaces.size(),
      mib(payload.size()), mib(limits::world_bytes_max.value), limits::resources_max.value));
  const auto everywhere =
      world::encode_network(large_contents(path, models_wanted, network.zones.size()).network);
  const auto refused = world::decode_network(everywhere);
  report.figure(fmt::format("World: with each model in all {} zones: {:.2f} MiB: {}",
                            network.zones.size(), mib(everywhere.size()),
                            refused ? "taken" : refused.error().message));
  report.must_hold(network.models.size() == models_wanted, "500 models");
  report.must_hold(payload.size() <= limits::world_bytes_max.count(), "the World fits");
  report.must_hold(!refused, "a World over world_bytes_max is refused");
}

void measure_opened(const std::string& sealed, const Authority& authority,
                    const model::Keyring& keyring, Report& report) {
  const double took = median_ms(runs, [&] { return open_world(sealed, authority, keyring); });
  const std::size_t before = heap_bytes();
  std::optional<OpenedWorld> opened = open_world(sealed, authority, keyring);
  const std::size_t held = heap_bytes() - before;
  const double masks =
      median_ms(runs, [&] { return policy::compile_masks(*opened->world, keyring); });
  const std::size_t dates = opened->masks.intervals.size();
  const std::size_t classes = opened->masks.intervals.front().data_masks.size();
  const std::size_t weights = opened->masks.weights_classes;
  const double began = cpu_ms();
  opened.reset();
  const double freed = cpu_ms() - began;
  report.figure(
      fmt::format("World at a gateway: {:.0f} ms to verify, decode and compile masks, of "
                  "which masks {:.1f} ms; {:.1f} MiB of memory, freed in {:.1f} ms",
                  took, masks, mib(held), freed));
  report.figure(fmt::format("World's masks: {} policy classes x {} weights classes x {} dates",
                            classes, weights, dates));
  report.must_hold(classes >= policy_classes_wanted, "200 policy classes");
  report.must_hold(took < compile_ms_max, "a gateway compiles a World in 2 s");
}

void measure_world(const std::string& path, const Authority& authority, Report& report) {
  const auto contents = large_contents(path, models_wanted, zones_that_fit(path, models_wanted));
  measure_size(path, contents, report);
  const double at_control = control_ms(contents, authority);
  report.figure(fmt::format("World at control: {:.0f} ms to compile and seal", at_control));
  report.must_hold(at_control < compile_ms_max, "control compiles a World in 2 s");
  const auto keyring =
      must(model::Keyring::make({contents.orgs, contents.workspaces, {}}, version_of(1)));
  const auto sealed =
      seal::seal_document(seal::DocumentKind::world, version_of(1),
                          world::encode_network(contents.network), authority.signer);
  measure_opened(sealed, authority, keyring, report);
}

// What a gateway is sent that was away while so many keys were made, one by one.
std::vector<model::KeyringDelta> keys_more(const model::Keyring::Content& content,
                                           std::size_t count) {
  std::vector<model::KeyringDelta> deltas(count);
  for (std::size_t i = 0; i < count; ++i) {
    deltas[i].to = version_of(2 + i);
    deltas[i].keys.push_back(content.keys[i * 61 % content.keys.size()]);
    deltas[i].keys.back().id += fmt::format("{:04}", i);
  }
  return deltas;
}

double find_ns(const model::Keyring& keyring, const std::vector<model::KeyRecord>& keys) {
  constexpr std::size_t lookups = 200'000;
  std::size_t found = 0;
  const double began = cpu_ms();
  for (std::size_t i = 0; i < lookups; ++i) {
    if (keyring.find_key(keys[i * 7'919 % keys.size()].id) != nullptr) ++found;
  }
  const double took = cpu_ms() - began;
  return found == lookups ? took * 1e6 / lookups : -1;
}

void measure_load(const std::string& sealed, std::size_t keys, const Authority& authority,
                  Report& report) {
  const auto open = [&] {
    auto document =
        must(seal::open_document(sealed, seal::DocumentKind::keyring, authority.root, today()));
    auto content = must(world::decode_any_keyring(document.payload));
    return must(model::Keyring::make(std::move(content), document.version));
  };
  const double took = median_ms(runs, open);
  report.figure(
      fmt::format("Keyring of {} at a gateway: {:.0f} ms to verify, decode and index", keys, took));
  const bool few = keys <= 100'000;
  report.must_hold(took < (few ? load_ms_max : large_load_ms_max), "a Keyring is loaded in time");
}

void measure_in_memory(const world::Contents& contents, model::Keyring::Content content,
                       Report& report) {
  const auto world =
      must(model::World::make(contents.network, version_of(1), std::string(64, '0')));
  const std::size_t keys = content.keys.size();
  const std::size_t before = heap_bytes();
  std::optional<model::Keyring> keyring =
      must(model::Keyring::make(model::Keyring::Content(content), version_of(1)));
  const std::size_t held = heap_bytes() - before;
  const auto deltas = keys_more(content, control::keyring_deltas_max.count());
  const double one =
      median_ms(runs, [&] { return must(model::apply_delta(*keyring, deltas.front())); });
  const double many = median_ms(runs, [&] { return must(model::apply_deltas(*keyring, deltas)); });
  const double masks = median_ms(runs, [&] { return policy::compile_masks(world, *keyring); });
  const double found = find_ns(*keyring, content.keys);
  const double began = cpu_ms();
  keyring.reset();
  const double freed = cpu_ms() - began;
  report.figure(fmt::format(
      "Keyring of {} in a gateway: {:.0f} MiB, freed in {:.0f} ms; a key is "
      "found in {:.0f} ns; one change takes {:.3f} ms, {} at once {:.1f} ms, masks {:.1f} ms",
      keys, mib(held), freed, found, one, deltas.size(), many, masks));
  report.must_hold(one < change_ms_max, "a change costs what it is, however many keys there are");
  report.must_hold(many < changes_ms_max, "many changes at once cost no more than one by one");
}

// One form of it, sealed at control and opened at a gateway.
void measure_form(const model::Keyring::Content& content, bool compact, const Authority& authority,
                  Report& report) {
  const std::size_t keys = content.keys.size();
  control::Numbers numbers;
  numbers.network = network_name;
  numbers.keyring = 1;
  const std::string form = compact ? "snapshot" : "JSON";
  const auto seal = [&] {
    return control::seal_keyring(numbers, content, compact, authority.signer);
  };
  const double sealing = median_ms(runs, seal);
  const auto made = seal();
  if (!made) {
    report.figure(fmt::format("Keyring of {} as {}: {}", keys, form, made.error().message));
    report.must_hold(!compact, "a snapshot of keys_max keys fits keyring_bytes_max");
    return;
  }
  const auto sealed = *made;
  report.figure(
      fmt::format("Keyring of {} as {}: {:.1f} MiB, {:.0f} bytes a key; {:.0f} ms to "
                  "seal at control; keyring_bytes_max is {:.0f} MiB",
                  keys, form, mib(sealed->size()),
                  static_cast<double>(sealed->size()) / static_cast<double>(keys), sealing,
                  mib(limits::keyring_bytes_max.value)));
  measure_load(*sealed, keys, authority, report);
}

void measure_keyring(const world::Contents& contents, std::size_t keys, const Authority& authority,
                     Report& report) {
  const auto content = large_keyring(contents, keys);
  for (const bool compact : {false, true}) measure_form(content, compact, authority, report);
  measure_in_memory(contents, content, report);
}

// A network of more is told which limit it met.
void measure_limit(const world::Contents& contents, Report& report) {
  control::State state;
  state.numbers.network = network_name;
  state.contents = std::make_shared<const world::Contents>(contents);
  auto content = large_keyring(contents, control::keys_max.count() + 1);
  control::Wish wish;
  wish.keys.push_back(content.keys.back());
  content.keys.pop_back();
  for (auto& key : content.keys) state.keys.emplace(key.id, key);
  const auto refused = control::compile_change(state, wish);
  state.keys.erase(state.keys.begin());
  const auto taken = control::compile_change(state, wish);
  report.figure(fmt::format("one key more than keys_max at control: {}",
                            refused ? "taken" : refused.error().message));
  report.must_hold(!refused && taken.has_value(), "keys_max is kept, and is named");
}

}  // namespace
}  // namespace portolan::proof

int main(int count, char** arguments) {
  using namespace portolan;
  using namespace portolan::proof;
  if (count != 2) {
    std::fputs("usage: measure_documents <World of the reference network>\n", stderr);
    return 2;
  }
  Report report;
  const auto authority = make_authority("local");
  measure_world(arguments[1], authority, report);
  const auto contents = large_contents(arguments[1], 6, 1);
  for (const std::size_t keys : {std::size_t{100'000}, control::keys_max.count()}) {
    measure_keyring(contents, keys, authority, report);
  }
  measure_limit(contents, report);
  return report.all_held() ? 0 : 1;
}

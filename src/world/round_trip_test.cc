// What is written is read back, in both forms: a World's and Keyring's payload,
// and an operator's documents.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "world/codec.h"
#include "world/resource_reader.h"
#include "world/resource_text.h"

namespace portolan::world {
namespace {

// Texts as they are hard to write: quotes, escapes, YAML's own signs, what looks
// like another type, and letters beyond ASCII.
std::string any_text() {
  return *rc::gen::element<std::string>("a", "eu-central-1a", "no", "~", "null", "12", "1e3", "- x",
                                        "a: b", "#c", "\"q\"", "it's", "b\\s", " lead", "trail ",
                                        "two\nlines", "tab\t", "Zürich", "上海", "😀", "*", "&x",
                                        "!t", "%d", "@a", "`", "{", "[1]", "country:CN", "?", "|");
}

std::vector<std::string> any_texts() {
  const auto distinct = *rc::gen::inRange(0, 3);
  std::vector<std::string> texts;
  for (int i = 0; i < distinct; ++i) texts.push_back(any_text() + std::to_string(i));
  return texts;
}

model::Labels any_labels() {
  model::Labels labels;
  for (const auto& text : any_texts()) labels.emplace(text, any_text());
  return labels;
}

double any_degrees() { return *rc::gen::inRange(-1'800'000, 1'800'000) / 10'000.0; }

std::uint64_t any_whole() { return *rc::gen::arbitrary<std::uint64_t>(); }

WallTime any_date() { return {*rc::gen::arbitrary<std::int64_t>()}; }

model::Region any_region() {
  return {any_text(),    any_text(),  "CN",       any_degrees(),
          any_degrees(), any_texts(), any_text(), any_labels()};
}

model::Zone any_zone() {
  const auto share = *rc::gen::inRange<std::uint32_t>(1, 101);
  model::Zone zone{any_text(), any_text(), any_labels(), {}, share};
  if (*rc::gen::arbitrary<bool>()) zone.gateways.push_back({any_text(), any_text(), any_text()});
  return zone;
}

model::Model any_model() {
  return {any_text(), any_text(), any_whole(), any_texts(), any_texts(), any_labels()};
}

model::Deployment any_deployment() {
  model::Deployment deployment{any_text(), any_text(), any_text(), {}};
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    model::Engine engine{
        any_text(), any_text(), any_text(),   any_text(),
        any_text(), {},         any_labels(), *rc::gen::arbitrary<std::uint32_t>()};
    if (*rc::gen::arbitrary<bool>()) engine.auth.emplace(any_text(), any_text());
    deployment.engines.push_back(engine);
  }
  return deployment;
}

model::Scope any_scope() {
  return {any_text(), any_texts(), any_texts(),
          *rc::gen::element(model::Entry::in_scope, model::Entry::anywhere)};
}

model::Rule any_rule() {
  const auto kind = *rc::gen::element(model::Rule::Kind::deny, model::Rule::Kind::require);
  return {any_text(),
          kind,
          any_labels(),
          any_labels(),
          {any_texts(), any_texts(), any_texts(), any_texts(), any_labels()},
          any_date(),
          any_date(),
          any_text(),
          any_text()};
}

model::ParityTarget any_parity_target() {
  model::ParityTarget target{any_text(),  any_texts(), any_texts(), any_texts(),
                             any_texts(), any_whole(), any_whole(), any_date()};
  if (*rc::gen::arbitrary<bool>()) target.prices.emplace(any_text(), any_whole());
  return target;
}

model::Opening any_opening() {
  model::Opening opening;
  opening.name = any_text();
  opening.region = any_text();
  opening.zone = any_text();
  opening.data = any_labels();
  opening.neighbours = any_texts();
  for (const auto& to : any_texts()) opening.round_trips.push_back({to, any_degrees()});
  opening.clock_ms = any_whole();
  opening.load = any_whole();
  opening.requests = any_whole();
  for (const auto& gate : any_texts()) opening.skip.push_back({gate, any_text()});
  return opening;
}

model::Money any_money() { return {*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000'000)}; }

model::PriceBook any_price_book() {
  model::PriceBook book{any_text(), any_text(), any_date()};
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    book.items.push_back({any_text(), any_money(), any_money(), any_texts()});
  }
  return book;
}

model::Workspace any_workspace() {
  return {any_text(),
          any_text(),
          any_texts(),
          any_labels(),
          {any_whole(), any_whole(), any_whole()},
          *rc::gen::element(model::Receipts::asked, model::Receipts::every),
          *rc::gen::element(model::Durable::process, model::Durable::machine),
          {*rc::gen::inRange<std::int64_t>(0, INT64_MAX)}};
}

model::KeyRecord any_key() {
  model::KeyRecord key;
  key.id = any_text();
  key.workspace = any_text();
  for (auto& byte : key.digest) byte = *rc::gen::arbitrary<unsigned char>();
  key.scopes = any_texts();
  key.created = any_date();
  key.expires = any_date();
  key.revoked = *rc::gen::arbitrary<bool>();
  return key;
}

template <class Make>
auto some(Make make) {
  std::vector<decltype(make())> values;
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) values.push_back(make());
  return values;
}

model::Org any_org() { return {any_text()}; }

TEST(Codec, NetworksComeBack) {
  EXPECT_TRUE(rc::check([] {
    const model::Network network{some(any_region),     some(any_zone),  some(any_model),
                                 some(any_deployment), some(any_scope), some(any_rule),
                                 some(any_price_book)};
    const auto decoded = decode_network(encode_network(network));
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == network);
  }));
}

TEST(Codec, KeyringsAndDeltasComeBack) {
  EXPECT_TRUE(rc::check([] {
    const model::Keyring::Content content{some(any_org), some(any_workspace), some(any_key)};
    const auto decoded = decode_keyring(encode_keyring(content));
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == content);
    const model::KeyringDelta delta{
        {any_text(), any_whole(), any_whole()}, content.orgs, content.workspaces, content.keys};
    const auto other = decode_keyring_delta(encode_keyring_delta(delta));
    RC_ASSERT(other.has_value());
    RC_ASSERT(*other == delta);
  }));
}

TEST(Codec, RestrictionsComeBack) {
  EXPECT_TRUE(rc::check([] {
    const auto names = [] {
      const auto texts = any_texts();
      return std::unordered_set<std::string>(texts.begin(), texts.end());
    };
    const model::Restrictions restrictions{
        {any_text(), any_whole(), any_whole()}, names(), names(), names(), names()};
    const auto decoded = decode_restrictions(encode_restrictions(restrictions));
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == restrictions);
  }));
}

Resource any_resource() {
  switch (*rc::gen::inRange(0, 11)) {
    case 0:
      return any_region();
    case 1:
      return any_zone();
    case 2:
      return any_model();
    case 3:
      return any_deployment();
    case 4:
      return any_scope();
    case 5:
      return any_rule();
    case 6:
      return any_org();
    case 7:
      return any_parity_target();
    case 8:
      return any_opening();
    case 9:
      return any_price_book();
    default:
      return any_workspace();
  }
}

std::vector<Resource> read_back(const std::string& text) {
  ProblemList problems;
  std::vector<Resource> resources;
  for (auto& read : read_resources("back", text, problems)) {
    resources.push_back(std::move(read.resource));
  }
  for (const auto& problem : problems.take_sorted()) RC_LOG(render_problem(problem) + "\n");
  RC_ASSERT(problems.empty());
  return resources;
}

TEST(ResourceText, ComesBackFromYaml) {
  EXPECT_TRUE(rc::check([] {
    const auto resources = some(any_resource);
    const auto text = render_yaml(resources);
    RC_LOG(text);
    RC_ASSERT(read_back(text) == resources);
  }));
}

TEST(ResourceText, ComesBackFromJson) {
  EXPECT_TRUE(rc::check([] {
    const auto resource = any_resource();
    const auto json = resource_json(resource);
    RC_ASSERT(read_back(wire::render_canonical(json)) == std::vector{resource});
    RC_ASSERT(read_back(wire::render_pretty(json)) == std::vector{resource});
  }));
}

}  // namespace
}  // namespace portolan::world

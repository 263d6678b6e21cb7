#include "world/codec.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "wire/json_value.h"

namespace portolan::world {
namespace {

model::Network small_network() {
  model::Network network;
  network.regions.push_back({"r", "", "DE", 50, 8, {"eu"}, "", {}});
  network.zones.push_back({"z", "r", {}, {}});
  return network;
}

void expect_refused(std::string_view payload, Code code, std::string_view part) {
  const auto decoded = decode_network(payload);
  ASSERT_FALSE(decoded) << payload;
  EXPECT_EQ(decoded.error().code, code) << decoded.error().message;
  EXPECT_NE(decoded.error().message.find(part), std::string::npos) << decoded.error().message;
}

// The small network's payload after `change` was made to it.
template <class Change>
std::string changed(Change change) {
  auto json = *wire::parse_json(encode_network(small_network()));
  change(json);
  return wire::render_canonical(json);
}

TEST(Codec, RestrictionsReadBackAsTheyWere) {
  model::Restrictions restrictions;
  restrictions.version = {"demo", 1, 7};
  restrictions.revoked_keys = {"key"};
  restrictions.drained = {"a"};
  restrictions.denied = {"b"};
  // What a program before it does not know is not there where it says nothing.
  EXPECT_FALSE(encode_restrictions(restrictions).contains("revoked_machines"));
  EXPECT_EQ(*decode_restrictions(encode_restrictions(restrictions)), restrictions);
  restrictions.revoked_machines = {"gw-2", "gw-1"};
  EXPECT_EQ(*decode_restrictions(encode_restrictions(restrictions)), restrictions);
}

TEST(Codec, RefusesEveryTruncation) {
  const auto payload = encode_network(small_network());
  for (std::size_t size = 0; size < payload.size(); ++size) {
    EXPECT_FALSE(decode_network(std::string_view(payload).substr(0, size))) << size;
  }
}

TEST(Codec, RefusesAnotherKindAndAnUnknownMajor) {
  expect_refused(encode_keyring({}), Code::malformed_peer, "'keyring' where a 'world'");
  expect_refused(changed([](auto& json) { json.set("major", 2); }), Code::unsupported_version,
                 "format version 2");
}

TEST(Codec, RefusesMoreThanItsLimit) {
  expect_refused(std::string(limits::world_bytes_max.count() + 1, ' '), Code::limit_exceeded,
                 "world_bytes_max");
}

TEST(Codec, NamesTheMemberThatIsWrong) {
  expect_refused("[]", Code::malformed_peer, "no object");
  expect_refused(changed([](auto& json) { json.erase("zones"); }), Code::malformed_peer,
                 "'world.zones' is missing");
  expect_refused(changed([](auto& json) { json.set("zones", 1); }), Code::malformed_peer,
                 "'world.zones' is no array");
  const auto with_zone = [](std::string_view text) {
    return changed(
        [&](auto& json) { json.set("zones", wire::Json::Array{*wire::parse_json(text)}); });
  };
  expect_refused(with_zone(R"({"name":"z"})"), Code::malformed_peer,
                 "'world.zones[].region' is missing");
  expect_refused(with_zone(R"({"name":"z","region":1})"), Code::malformed_peer,
                 "'world.zones[].region' is no text");
  expect_refused(with_zone(R"({"name":"z","region":"r","labels":{"a":1}})"), Code::malformed_peer,
                 "'world.zones[].labels' holds");
}

// A World without prices is, to the byte and so to its hash, what it was before there were any.
TEST(Codec, SaysNothingOfPricesWhereThereAreNone) {
  EXPECT_FALSE(encode_network(small_network()).contains("price"));
  auto priced = small_network();
  priced.price_books.push_back({"list", "USD", WallTime{0}, {{"small", {20'000'000}, {1}, {"r"}}}});
  const auto payload = encode_network(priced);
  EXPECT_TRUE(payload.contains(R"("input_per_million":"0.02")")) << payload;
  EXPECT_EQ(*decode_network(payload), priced);
}

TEST(Codec, RefusesAPriceThatIsNoAmount) {
  const auto with_price = [](std::string_view price) {
    return changed([&](auto& json) {
      json.set("price_books",
               wire::Json::Array{*wire::parse_json(
                   R"({"name":"b","currency":"USD","items":[{"model":"m","input_per_million":)" +
                   std::string(price) + R"(,"output_per_million":"1"}]})")});
    });
  };
  EXPECT_TRUE(decode_network(with_price(R"("1")")));
  expect_refused(with_price(R"("-1")"), Code::malformed_peer,
                 "'world.price_books[].items[].input_per_million' is negative");
  expect_refused(with_price("0.02"), Code::malformed_peer, "is no text");
}

TEST(Codec, SkipsWhatANewerMinorVersionAdded) {
  const auto payload = changed([](auto& json) {
    json.set("minor", 9);
    json.set("added_later", 1);
    (*json.find("zones")->as_array())[0].find("name");
  });
  EXPECT_EQ(*decode_network(payload), small_network());
}

TEST(Codec, EqualNetworksHaveEqualPayloads) {
  EXPECT_EQ(encode_network(*decode_network(encode_network(small_network()))),
            encode_network(small_network()));
}

}  // namespace
}  // namespace portolan::world

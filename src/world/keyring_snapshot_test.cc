#include "world/keyring_snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "world/codec.h"
#include "world/snapshot_bytes.h"

namespace portolan::world {
namespace {

using Content = model::Keyring::Content;

model::Workspace workspace(std::string name) {
  model::Workspace made;
  made.name = std::move(name);
  made.org = "demo";
  made.scopes = {"eu", "cn"};
  made.labels = {{"data-class", "secret"}};
  return made;
}

model::KeyRecord key(std::string id, std::string of = "eu") {
  model::KeyRecord made;
  made.id = std::move(id);
  made.workspace = std::move(of);
  made.digest.fill(0x5a);
  made.created = WallTime::from_unix_seconds(1'790'000'000);
  return made;
}

// A key of every kind that there is.
Content content() {
  Content made{{{"demo"}}, {workspace("cn"), workspace("eu")}, {}};
  made.keys = {key("k1"), key("k2", "cn"), key("k3"), key("k4"), key("k5"), key("k6")};
  made.keys[1].scopes = {"cn"};
  made.keys[2].scopes = {"eu", "cn"};
  made.keys[3].revoked = true;
  made.keys[3].scopes = {"cn"};
  made.keys[4].expires = WallTime::from_unix_seconds(-7);
  made.keys[5].created = WallTime{1'790'000'000'123'456'789};
  made.keys[5].expires = WallTime{INT64_MIN};
  return made;
}

// The records of a payload begin behind its third line feed.
std::size_t records_of(const std::string& payload) {
  std::size_t at = 0;
  for (int line = 0; line < 3; ++line) at = payload.find('\n', at) + 1;
  return at;
}

// A payload whose records are these bytes.
std::string with_records(std::uint64_t keys, const std::string& bytes) {
  const auto none = *encode_keyring_snapshot({{{"demo"}}, {workspace("eu")}, {}});
  auto payload = none;
  const auto count = payload.find("\"keys\":0");
  EXPECT_NE(count, payload.npos);
  payload.replace(count, 8, "\"keys\":" + std::to_string(keys));
  return payload + bytes;
}

std::string record(std::string id, const std::string& rest) {
  return static_cast<char>(id.size()) + std::move(id) + std::string(32, 'd') + rest;
}

void expect_malformed(const std::string& payload, const std::string& why) {
  const auto read = decode_keyring_snapshot(payload);
  ASSERT_FALSE(read.has_value()) << why;
  EXPECT_EQ(read.error().code, Code::malformed_peer) << why;
  EXPECT_NE(read.error().message.find(why), std::string::npos) << read.error().message;
}

const std::string plain(3, '\0');  // workspace 0, no scopes, no flags

TEST(KeyringSnapshot, IsRefusedWhereverItIsCutOff) {
  const auto payload = *encode_keyring_snapshot(content());
  for (std::size_t length = 0; length < payload.size(); ++length) {
    const auto read = decode_keyring_snapshot(std::string_view(payload).substr(0, length));
    ASSERT_FALSE(read.has_value()) << "of " << length << " bytes";
    EXPECT_EQ(read.error().code, Code::malformed_peer) << "of " << length << " bytes";
  }
  expect_malformed(payload + "x", "bytes behind its keys");
}

TEST(KeyringSnapshot, RefusesIdsThatRepeatOrDescend) {
  const auto one = record("a", plain);
  const auto other = record("b", plain);
  EXPECT_TRUE(decode_keyring_snapshot(with_records(2, one + other)).has_value());
  expect_malformed(with_records(2, one + one), "do not ascend");
  expect_malformed(with_records(2, other + one), "do not ascend");
}

TEST(KeyringSnapshot, RefusesPositionsOutsideOfItsTables) {
  expect_malformed(with_records(1, record("a", std::string("\1\0\0", 3))), "a workspace");
  expect_malformed(with_records(1, record("a", std::string("\0\1\0", 3))), "names scopes");
}

TEST(KeyringSnapshot, RefusesFlagsAndNumbersThatItDoesNotKnow) {
  expect_malformed(with_records(1, record("a", std::string("\0\0\x10", 3))), "a flag");
  expect_malformed(with_records(1, record("a", std::string("\x80\0\0\0", 4))), "more bytes");
  const std::string large = std::string(9, '\xff');
  expect_malformed(with_records(1, record("a", large + "\x02" + plain)), "above 64 bits");
  expect_malformed(with_records(1, record("a", large + "\xff\1" + plain)), "above 64 bits");
  const auto dated = std::string("\0\0\2", 3);
  expect_malformed(with_records(1, record("a", dated + large + "\1")), "no such date");
}

TEST(KeyringSnapshot, RefusesACountThatItsBytesCannotHold) {
  expect_malformed(with_records(2, record("a", plain)), "truncated");
  expect_malformed(with_records(UINT64_MAX, record("a", plain)), "truncated");
  expect_malformed(with_records(0, record("a", plain)), "behind its keys");
}

TEST(KeyringSnapshot, RefusesKeysInTheLineOfWorkspaces) {
  const auto json = encode_keyring({{{"demo"}}, {workspace("eu")}, {key("a")}});
  expect_malformed("portolan-keyring 1.0\n" + json + "\n{\"keys\":0}\n", "second line");
}

TEST(KeyringSnapshot, AnotherMajorIsRefusedByNameAndAnotherMinorIsRead) {
  const auto payload = *encode_keyring_snapshot(content());
  const auto rest = payload.substr(payload.find('\n'));
  EXPECT_EQ(decode_keyring_snapshot("portolan-keyring 2.0" + rest).error().code,
            Code::unsupported_version);
  EXPECT_TRUE(decode_keyring_snapshot("portolan-keyring 1.7" + rest).has_value());
  EXPECT_FALSE(decode_keyring_snapshot("portolan-keyring x" + rest).has_value());
  EXPECT_FALSE(decode_keyring_snapshot("keyring 1.0" + rest).has_value());
}

TEST(KeyringSnapshot, NoDamagedByteMakesItReadAnythingBeyondItsEnd) {
  const auto payload = *encode_keyring_snapshot(content());
  for (std::size_t at = records_of(payload); at < payload.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      auto damaged = payload;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      const auto read = decode_keyring_snapshot(damaged);
      if (read) EXPECT_EQ(read->keys.size(), 6u);
    }
  }
}

// One name of a megabyte, that many keys have.
constexpr std::size_t large_bytes = 1 << 20;
constexpr std::uint64_t large_keys = keyring_names_bytes_max.value / large_bytes;

std::string large_payload(std::uint64_t keys, const std::string& of, const std::string& scopes) {
  std::string payload = "portolan-keyring 1.0\n";
  payload += encode_keyring({{{"demo"}}, {workspace(of)}, {}});
  payload +=
      "\n{\"keys\":" + std::to_string(keys) + ",\"scopes\":[{\"names\":[" + scopes + "]}]}\n";
  for (std::uint64_t i = 0; i < keys; ++i) {
    payload += record(std::to_string(1'000'000 + i), std::string("\0\1\0", 3));
  }
  return payload;
}

void expect_too_many_names(const Fault& fault) {
  EXPECT_EQ(fault.code, Code::limit_exceeded) << fault.message;
  EXPECT_NE(fault.message.find("keyring_names_bytes_max"), std::string::npos) << fault.message;
}

TEST(KeyringSnapshot, RefusesNamesThatTakeManyTimesTheirBytes) {
  const std::string large(large_bytes, 's');
  const auto scopes = large_payload(large_keys, "eu", '"' + large + '"');
  const auto workspaces = large_payload(large_keys, large, "\"cn\"");
  std::string empty = "\"\"";
  for (std::size_t i = 1; i < large_bytes / sizeof(std::string); ++i) empty += ",\"\"";
  for (const auto& payload : {scopes, workspaces, large_payload(large_keys, "eu", empty)}) {
    ASSERT_LT(payload.size(), 3 * large_bytes);
    const auto read = decode_keyring_snapshot(payload);
    ASSERT_FALSE(read.has_value());
    expect_too_many_names(read.error());
  }
  const auto few = decode_keyring_snapshot(large_payload(3, "eu", '"' + large + '"'));
  ASSERT_TRUE(few.has_value());
  EXPECT_EQ(few->keys.back().scopes, std::vector{large});
}

TEST(KeyringSnapshot, IsNotWrittenWithNamesThatNoneWouldRead) {
  Content many{{{"demo"}}, {workspace("eu")}, {}};
  for (std::uint64_t i = 0; i < large_keys; ++i) {
    many.keys.push_back(key(std::to_string(1'000'000 + i)));
    many.keys.back().scopes = {std::string(large_bytes, 's')};
  }
  const auto written = encode_keyring_snapshot(many);
  ASSERT_FALSE(written.has_value());
  expect_too_many_names(written.error());
}

TEST(KeyringSnapshot, IsNotWrittenOfAKeyThatNoneCouldRead) {
  for (const auto& odd : {key("a", "nowhere"), key(std::string(256, 'a'))}) {
    const auto written = encode_keyring_snapshot({{{"demo"}}, {workspace("eu")}, {odd}});
    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(written.error().code, Code::invalid_resource);
  }
}

TEST(KeyringSnapshot, SaysWhatTheJsonSays) {
  const auto made = content();
  const auto payload = *encode_keyring_snapshot(made);
  EXPECT_TRUE(is_keyring_snapshot(payload));
  EXPECT_FALSE(is_keyring_snapshot(encode_keyring(made)));
  EXPECT_EQ(*decode_any_keyring(payload), made);
  EXPECT_EQ(decode_any_keyring(encode_keyring({{}, {}, {key("a")}}))->keys.size(), 1u);
  EXPECT_EQ(*decode_keyring_snapshot(*encode_keyring_snapshot({})), Content{});
}

TEST(KeyringSnapshot, AKeyTakesLessThanSixtyBytes) {
  Content many{{{"demo"}}, {}, {}};
  for (int i = 0; i < 300; ++i) many.workspaces.push_back(workspace("w" + std::to_string(i)));
  const auto none = encode_keyring_snapshot(many)->size();
  for (int i = 0; i < 1'000; ++i) {
    many.keys.push_back(key(std::to_string(100'000'000'000 + i), "w" + std::to_string(i % 300)));
    many.keys.back().expires = WallTime::from_unix_seconds(1'800'000'000 + i);
  }
  EXPECT_LT((encode_keyring_snapshot(many)->size() - none) / 1'000, 60u);
}

TEST(KeyringSnapshot, ReadsBackWhateverKeysThereAre) {
  Random random(5);
  for (int round = 0; round < 100; ++round) {
    Content made{{{"demo"}}, {workspace("cn"), workspace("eu")}, {}};
    for (std::uint64_t i = random.below(20); i > 0; --i) {
      auto one = key("k" + std::to_string(random.next()), random.chance(0.5) ? "eu" : "cn");
      if (random.chance(0.3)) one.scopes = {"s" + std::to_string(random.below(4))};
      if (random.chance(0.3)) one.expires = WallTime{static_cast<std::int64_t>(random.next())};
      one.revoked = random.chance(0.5);
      made.keys.push_back(std::move(one));
    }
    const auto read = decode_keyring_snapshot(*encode_keyring_snapshot(made));
    std::ranges::sort(made.keys, {}, &model::KeyRecord::id);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(*read, made);
  }
}

TEST(SnapshotBytes, NumbersOfEverySizeReadBack) {
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{UINT64_MAX}}) {
    std::string bytes;
    put_varint(bytes, value);
    EXPECT_EQ(*SnapshotBytes(bytes).varint(), value);
  }
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN, INT64_MAX}) {
    EXPECT_EQ(unzigzag(zigzag(value)), value);
  }
  EXPECT_EQ(zigzag(-1), 1u);
  EXPECT_EQ(zigzag(1), 2u);
}

}  // namespace
}  // namespace portolan::world

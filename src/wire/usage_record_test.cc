#include "wire/usage_record.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <xxhash.h>

#include <vector>

namespace portolan::wire {
namespace {

constexpr WallTime noon = WallTime::from_unix_seconds(1'800'000'000);

UsageRequest request() {
  return {.request_id = "gateway-a-7-2f",
          .trace_id = "0af7651916cd43dd8448eb211c80319c",
          .began = noon,
          .org = "demo",
          .workspace = "eu",
          .key_id = "k1",
          .model = "smollm2",
          .path = "/v1/chat/completions",
          .stream = true,
          .scope = "eu",
          .entry_region = "eu-central-1",
          .entry_zone = "eu-central-1a",
          .versions = {.world = "sha256:ab", .keyring = 4, .restrictions = 5}};
}

// One of every kind, no member as it is by default.
std::vector<UsageBody> bodies() {
  const UsageCounts counts{.prompt = {11}, .completion = {12}, .cached = {3}, .estimated = true};
  return {UsageSegment{"demo", "gateway-a", 7, 3, noon, 2, 4096, 9, 1},
          UsageStart{noon, {{5, 90}, {6, 1}}, 2},
          UsageOpen{request()},
          UsageCheckpoint{"gateway-a-7-2f", "eu-west-1", "eu-west-1b", "gateway-b", counts},
          UsageClose{.request = request(),
                     .ended = noon + Duration::seconds(2),
                     .outcome = std::string(outcome_completed),
                     .status = 200,
                     .executor_region = "eu-west-1",
                     .executor_zone = "eu-west-1b",
                     .executor_gateway = "gateway-b",
                     .attempts = 2,
                     .executions = 1,
                     .counts = counts,
                     .receipt = "eyJhbGciOiJFZERTQSJ9.e30.c2ln"},
          UsageExec{.request_id = "gateway-a-7-2f",
                    .entry_gateway = "gateway-a",
                    .entry_zone = "eu-central-1a",
                    .workspace = "eu",
                    .key_id = "k1",
                    .model = "smollm2",
                    .model_digest = "sha256:cd",
                    .engine_kind = "llama.cpp",
                    .scope = "eu",
                    .region = "eu-west-1",
                    .zone = "eu-west-1b",
                    .began = noon,
                    .ended = noon + Duration::seconds(1),
                    .outcome = "cancelled",
                    .counts = counts,
                    .versions = {.world = "sha256:ab", .keyring = 4, .restrictions = 5}}};
}

std::string render(const UsageBody& body, std::uint64_t number = 41) {
  std::string text;
  render_usage_record(text, body, is_numbered(kind_of(body)) ? number : 0);
  return text;
}

bool reads_as(std::string_view bytes, const UsageBody& body) {
  const auto record = read_usage_record(bytes);
  if (!record || !*record) return false;
  const auto parsed = parse_usage_body(**record);
  return parsed && *parsed == body;
}

// The checksum as its definition says, so that what was changed passes for whole.
std::string sum(std::string text) {
  const auto size =
      static_cast<unsigned char>(text[4]) + 256u * static_cast<unsigned char>(text[5]);
  std::uint64_t checksum =
      XXH3_64bits_withSeed(text.data() + usage_header_bytes, size, XXH3_64bits(text.data(), 24));
  for (std::size_t i = 24; i < usage_header_bytes; ++i, checksum >>= 8) {
    text[i] = static_cast<char>(checksum);
  }
  return text;
}

TEST(UsageRecord, NoFlippedBitIsReadAsARecord) {
  for (const UsageBody& body : bodies()) {
    std::string text = render(body);
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
      EXPECT_FALSE(read_usage_record(text)) << name_of(kind_of(body)) << ", bit " << bit;
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
    }
    EXPECT_TRUE(reads_as(text, body));
  }
}

TEST(UsageRecord, NoCutIsReadAsARecord) {
  for (const UsageBody& body : bodies()) {
    const std::string text = render(body);
    for (std::size_t size = 1; size < text.size(); ++size) {
      EXPECT_FALSE(read_usage_record(text.substr(0, size)));
      // As a preallocated segment shows it.
      const std::string torn = text.substr(0, size) + std::string(text.size(), '\0');
      if (torn.substr(0, text.size()) != text) EXPECT_FALSE(read_usage_record(torn)) << size;
    }
  }
}

TEST(UsageRecord, NothingStandsWhereNothingWasWritten) {
  for (const std::size_t size : {0u, 8u, 32u, 4096u}) {
    const auto none = read_usage_record(std::string(size, '\0'));
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
  }
}

TEST(UsageRecord, AnUnknownMajorIsRefusedAndAnUnknownKindIsPassedOver) {
  std::string major = render(UsageOpen{request()});
  major[9] = 2;
  EXPECT_EQ(read_usage_record(sum(major)).error().code, Code::unsupported_version);
  std::string kind = render(UsageOpen{request()});
  kind[8] = 9;
  kind[10] = 1;
  kind[16] = 3;
  kind = sum(kind);
  const auto record = read_usage_record(kind);
  ASSERT_TRUE(record && *record);
  EXPECT_EQ((*record)->number, 3u);
  EXPECT_EQ((*record)->bytes, kind);
  const auto body = parse_usage_body(**record);
  ASSERT_TRUE(body);
  EXPECT_FALSE(*body);
}

TEST(UsageRecord, AHeaderThatIsNotWellFormedIsRefused) {
  for (const std::size_t at : {11u, 12u, 15u, 16u}) {  // zeros, and a number where none belongs
    std::string text = render(UsageOpen{request()});
    text[at] = 1;
    EXPECT_EQ(read_usage_record(sum(text)).error().code, Code::malformed_peer) << at;
  }
}

TEST(UsageRecord, APayloadOfAnotherShapeIsRefused) {
  for (const std::string_view payload :
       {"", "[]", "{}", "{\"at\":1.5}", "{\"at\":1,\"crashed\":-1}",
        "{\"at\":1,\"crashed\":0,\"earlier\":[{}]}"}) {
    EXPECT_EQ(
        parse_usage_body({.kind = UsageKind::start, .number = 1, .payload = payload, .bytes = {}})
            .error()
            .code,
        Code::malformed_peer)
        << payload;
  }
}

TEST(UsageRecord, MembersOfALaterMinorArePassedOver) {
  const auto body = parse_usage_body(
      {.kind = UsageKind::start,
       .number = 1,
       .payload =
           R"({"at":5,"later":{"x":[1]},"crashed":0,"earlier":[{"epoch":1,"last":2,"y":0}]})",
       .bytes = {}});
  ASSERT_TRUE(body);
  EXPECT_EQ(*body, UsageBody(UsageStart{{5}, {{1, 2}}, 0}));
}

TEST(UsageRecord, WhatStandsBehindADamageIsFound) {
  std::string text;
  std::vector<std::size_t> starts;
  for (const UsageBody& body : bodies()) {
    starts.push_back(text.size());
    text += render(body);
  }
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    std::string spoilt = text;
    spoilt[starts[i] + 40] ^= 1;
    EXPECT_EQ(find_usage_record(spoilt, starts[i]), starts[i + 1]);
    EXPECT_EQ(find_usage_record(text, starts[i]), starts[i]);
    EXPECT_EQ(find_usage_record(text, starts[i] + 1), starts[i + 1]);
  }
  EXPECT_FALSE(find_usage_record(text, starts.back() + 1));
  EXPECT_FALSE(find_usage_record(" " + text, 0)) << "records stand at multiples of 8";
}

TEST(UsageRecord, ARecordInsideARecordIsNotMistakenForOne) {
  UsageRequest nested = request();
  nested.path = "PUL1PUL1PUL1PUL1PUL1PUL1PUL1PUL1PUL1PUL1";
  const std::string text = render(UsageOpen{nested});
  EXPECT_FALSE(find_usage_record(text, 8));
}

RC_GTEST_PROP(UsageRecord, AnyTextReadsBack, ()) {
  auto close = std::get<UsageClose>(bodies()[4]);
  close.status = *rc::gen::inRange(0, 1000);
  close.counts.completion.value = *rc::gen::arbitrary<std::uint64_t>();
  close.executions = *rc::gen::arbitrary<std::uint32_t>();
  close.request.began.ns = *rc::gen::arbitrary<std::int64_t>();
  close.request.versions.keyring = *rc::gen::arbitrary<std::uint64_t>();
  for (char& c : close.request.path = *rc::gen::arbitrary<std::string>()) c &= 0x7f;
  const auto number = *rc::gen::inRange<std::uint64_t>(1, UINT64_MAX);
  const std::string text = "12345678" + render(close, number) + std::string(64, '\0');
  const auto record = read_usage_record(std::string_view(text).substr(8));
  RC_ASSERT((record && *record));
  RC_ASSERT((*record)->number == number);
  RC_ASSERT((*record)->bytes.size() % usage_alignment == 0u);
  RC_ASSERT(parse_usage_body(**record).value() == UsageBody(close));
}

RC_GTEST_PROP(UsageRecord, NoBytesAreTooStrange, (std::string bytes)) {
  const auto record = read_usage_record(bytes);
  RC_ASSERT((!record || !*record));
  RC_ASSERT(!find_usage_record(bytes, 0));
}

}  // namespace
}  // namespace portolan::wire

#include "seal/receipt.h"

#include <gtest/gtest.h>

#include "seal/receipt_samples_test.h"
#include "seal/text_encoding.h"
#include "wire/json_value.h"

namespace portolan::seal {
namespace {

wire::Json part_of(const std::string& receipt, int index) {
  std::string_view rest = receipt;
  for (; index > 0; --index) rest.remove_prefix(rest.find('.') + 1);
  const auto text = parse_base64url(rest.substr(0, rest.find('.')));
  return wire::parse_json(text.value()).value();
}

void expect_unreadable(wire::Json json, std::string_view because) {
  const auto facts = parse_facts(wire::render_canonical(json));
  ASSERT_FALSE(facts) << because;
  EXPECT_NE(facts.error().message.find(because), std::string::npos) << facts.error().message;
}

TEST(ReceiptFacts, AreRefusedWhenAnyMemberIsMissing) {
  const auto json = wire::parse_json(render_facts(sample_facts("q", "a"))).value();
  for (const auto& member : *json.as_object()) {
    if (member.name == "answer_sha256") continue;  // without it there is no content
    auto without = json;
    without.erase(member.name);
    expect_unreadable(without, "'" + member.name + "'");
  }
}

TEST(ReceiptFacts, AreRefusedOfAnotherKindOrMajor) {
  auto json = wire::parse_json(render_facts(sample_facts("q", "a"))).value();
  expect_unreadable(wire::Json(json).set("kind", "world"), "a 'world' where a 'receipt'");
  expect_unreadable(wire::Json(json).set("major", 2), "format version 2");
  expect_unreadable(wire::Json(json).set("digest_basis", "guessed"), "declared or measured");
  expect_unreadable(wire::Json(json).set("usage_basis", "guessed"), "engine or estimated");
  expect_unreadable(wire::Json(json).set("ended_ms", UINT64_MAX), "no date in milliseconds");
}

TEST(ReceiptFacts, AreRefusedWithAMemberTwiceOrOutOfOrder) {
  const std::string text = render_facts(sample_facts("q", "a"));
  EXPECT_FALSE(parse_facts("{\"answer_bytes\":1," + text.substr(1)));
  EXPECT_FALSE(parse_facts("{\"zone\":1," + text.substr(1)));
  EXPECT_FALSE(parse_facts(text + " "));
}

TEST(ReceiptFacts, SkipWhatANewerMinorVersionAdds) {
  const auto facts = sample_facts("q", "a");
  auto json = wire::parse_json(render_facts(facts)).value();
  json.set("minor", 7).set("moon", "full");
  EXPECT_EQ(parse_facts(wire::render_canonical(json)).value(), facts);
}

TEST(ReceiptFacts, ReadBackAsTheyWere) {
  auto facts = sample_facts("q", "a");
  EXPECT_EQ(parse_facts(render_facts(facts)).value(), facts);
  facts.content.reset();
  facts.digest_basis = DigestBasis::measured;
  facts.usage.estimated = true;
  EXPECT_EQ(parse_facts(render_facts(facts)).value(), facts);
}

TEST(ReceiptFacts, AreToldApartWhateverTheirTextsHold) {
  auto facts = sample_facts("q", "a");
  facts.model = "a,";
  facts.scope = ",\"b\":{},";
  const std::string text = render_facts(facts);
  const auto members = split_facts(text);
  EXPECT_EQ(members.size(), wire::parse_json(text).value().as_object()->size());
  std::string joined;
  for (const auto member : members) joined.append(joined.empty() ? "{" : ",").append(member);
  EXPECT_EQ(joined + "}", text);
}

TEST(Receipt, IsAJwsByTheZonesKey) {
  const SampleNetwork network;
  const std::string receipt = sign_receipt(sample_facts("q", "a"), network.signer());
  const auto dot = receipt.rfind('.');
  Signature signature;
  ASSERT_TRUE(parse_base64url(std::string_view(receipt).substr(dot + 1), signature));
  EXPECT_TRUE(network.zone_key.verify_key().verifies(receipt.substr(0, dot), signature));
  const auto header = part_of(receipt, 0);
  EXPECT_EQ(*header.find("alg")->as_string(), "EdDSA");
  EXPECT_EQ(*header.find("kid")->as_string(), network.zone_key.verify_key().id());
  EXPECT_EQ(*part_of(receipt, 1).find("executor_zone")->as_string(), "eu-central-1a");
}

TEST(Receipt, FitsIntoAHeadOfAProxy) {
  // nginx holds an answer's head in 4 KiB unless told otherwise.
  EXPECT_LT(sign_receipt(sample_facts("q", "a"), SampleNetwork().signer()).size(), 3'600U);
}

}  // namespace
}  // namespace portolan::seal

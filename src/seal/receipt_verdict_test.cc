#include "seal/receipt_verdict.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "seal/receipt_samples_test.h"
#include "seal/text_encoding.h"
#include "wire/json_value.h"

namespace portolan::seal {
namespace {

class ReceiptVerdictTest : public testing::Test {
 protected:
  SampleNetwork network_;
  std::string answer_ = "data: {\"choices\":[]}\n\n";
  ReceiptFacts facts_ = sample_facts("{\"model\":\"m\"}", answer_);
  std::string receipt_ = sign_receipt(facts_, network_.signer());

  ReceiptVerdict verify(const std::string& receipt) const {
    return verify_receipt(receipt, network_.root.verify_key());
  }
  void expect_flaw(const std::string& receipt, ReceiptPart part, std::string_view because) const {
    const auto verdict = verify(receipt);
    ASSERT_TRUE(verdict.flaw);
    EXPECT_EQ(name_of(verdict.flaw->part), name_of(part)) << verdict.flaw->sentence;
    EXPECT_NE(verdict.flaw->sentence.find(because), std::string::npos) << verdict.flaw->sentence;
  }
  // Which part a byte of the receipt lies in.
  ReceiptPart part_at(std::size_t at) const {
    const auto first = receipt_.find('.');
    const auto second = receipt_.rfind('.');
    if (at == first || at == second) return ReceiptPart::form;
    if (at < first) return ReceiptPart::header;
    return at < second ? ReceiptPart::facts : ReceiptPart::signature;
  }
  // With another header, signed anew by the zone's key.
  std::string signed_with(wire::Json header) const {
    const auto first = receipt_.find('.');
    const auto second = receipt_.rfind('.');
    std::string again = render_base64url(wire::render_canonical(header)) +
                        receipt_.substr(first, second - first);
    return again + "." + render_base64url(network_.zone_key.sign(again));
  }
  wire::Json header() const {
    return wire::parse_json(parse_base64url(receipt_.substr(0, receipt_.find('.'))).value())
        .value();
  }
};

TEST_F(ReceiptVerdictTest, CatchesAnyByteThatWasChangedAndNamesItsPart) {
  for (std::size_t at = 0; at < receipt_.size(); ++at) {
    for (const char other : {'A', '9', '.', '"', '\xff'}) {
      std::string changed = receipt_;
      // Every byte is changed; the stranger changes are tried on every eighth.
      if (changed[at] == other || (other != 'A' && receipt_[at] != 'A' && at % 8 != 0)) continue;
      changed[at] = other;
      const auto verdict = verify(changed);
      ASSERT_TRUE(verdict.flaw) << at;
      ReceiptPart part = other == '.' ? ReceiptPart::form : part_at(at);
      // The chain is of the header, and has its own name.
      if (verdict.flaw->part == ReceiptPart::chain) part = ReceiptPart::chain;
      EXPECT_EQ(name_of(verdict.flaw->part), name_of(part)) << at << verdict.flaw->sentence;
      EXPECT_TRUE(part_at(at) == ReceiptPart::header || part != ReceiptPart::chain) << at;
    }
  }
}

TEST_F(ReceiptVerdictTest, CatchesAnyCut) {
  for (std::size_t size = 0; size < receipt_.size(); ++size) {
    EXPECT_TRUE(verify(receipt_.substr(0, size)).flaw) << size;
    EXPECT_TRUE(verify(receipt_.substr(receipt_.size() - size)).flaw) << size;
  }
  EXPECT_TRUE(verify(receipt_ + "A").flaw);
  EXPECT_TRUE(verify("A" + receipt_).flaw);
}

TEST_F(ReceiptVerdictTest, NamesEveryFactThatWasChanged) {
  const auto first = receipt_.find('.');
  const auto second = receipt_.rfind('.');
  const auto json =
      wire::parse_json(parse_base64url(receipt_.substr(first + 1, second - first - 1)).value())
          .value();
  for (const auto& member : *json.as_object()) {
    auto changed = json;
    changed.set(member.name, member.value.as_string() ? wire::Json("other") : wire::Json(4711));
    const std::string forged = receipt_.substr(0, first + 1) +
                               render_base64url(wire::render_canonical(changed)) +
                               receipt_.substr(second);
    const auto verdict = verify(forged);
    ASSERT_TRUE(verdict.flaw) << member.name;
    EXPECT_EQ(verdict.flaw->part, ReceiptPart::facts);
    EXPECT_EQ(verdict.flaw->changed, std::vector{member.name}) << verdict.flaw->sentence;
  }
}

TEST_F(ReceiptVerdictTest, NamesAFactWhoseTextIsNoJsonAnyMore) {
  const auto first = receipt_.find('.') + 1;
  const auto second = receipt_.rfind('.');
  std::string text = parse_base64url(receipt_.substr(first, second - first)).value();
  const auto zone = text.find("\"executor_zone\":\"") + 16;
  text[zone] = 'x';  // its opening quote
  std::string forged = receipt_.substr(0, first) + render_base64url(text);
  forged += receipt_.substr(second);
  const auto verdict = verify(forged);
  ASSERT_TRUE(verdict.flaw);
  EXPECT_EQ(verdict.flaw->changed, std::vector<std::string>{"executor_zone"});
}

TEST_F(ReceiptVerdictTest, NamesSumsThatWereChanged) {
  auto other = header();
  std::string sums = *other.find("sums")->as_string();
  sums[2] = sums[2] == 'A' ? 'B' : 'A';
  other.set("sums", sums);
  std::string forged = render_base64url(wire::render_canonical(other));
  forged += receipt_.substr(receipt_.find('.'));
  expect_flaw(forged, ReceiptPart::header, "sums");
}

TEST_F(ReceiptVerdictTest, RefusesAnyOtherAlgorithm) {
  for (const std::string_view other : {"none", "None", "HS256", "ES256", "EdDSA ", ""}) {
    expect_flaw(signed_with(header().set("alg", other)), ReceiptPart::header, "algorithm");
  }
  auto unsigned_one = signed_with(header().set("alg", "none"));
  unsigned_one.erase(unsigned_one.rfind('.') + 1);
  expect_flaw(unsigned_one, ReceiptPart::header, "algorithm 'none'");
}

TEST_F(ReceiptVerdictTest, RefusesHeadersThatAreNotOurs) {
  expect_flaw(signed_with(header().set("typ", "JWT")), ReceiptPart::header, "not that of");
  expect_flaw(signed_with(header().set("crit", "exp")), ReceiptPart::header, "not that of");
  expect_flaw(signed_with(header().set("b64", false)), ReceiptPart::header, "not that of");
  expect_flaw(signed_with(header().set("kid", "0")), ReceiptPart::header, "another key");
  expect_flaw(signed_with(header().set("chain", wire::Json::array())), ReceiptPart::chain, "chain");
}

TEST_F(ReceiptVerdictTest, RefusesAHeaderWithAMemberTwice) {
  std::string text = wire::render_canonical(header());
  text.insert(1, "\"alg\":\"EdDSA\",");
  const auto first = receipt_.find('.');
  std::string again = render_base64url(text);
  again += receipt_.substr(first, receipt_.rfind('.') - first);
  expect_flaw(again + "." + render_base64url(network_.zone_key.sign(again)), ReceiptPart::header,
              "damaged");
}

TEST_F(ReceiptVerdictTest, RefusesAnotherRoot) {
  const auto verdict = verify_receipt(receipt_, sample_key(9).verify_key());
  ASSERT_TRUE(verdict.flaw);
  EXPECT_EQ(verdict.flaw->part, ReceiptPart::chain);
  EXPECT_EQ(verdict.flaw->changed, std::vector<std::string>{"control certificate"});
}

TEST_F(ReceiptVerdictTest, RefusesAChainThatHadExpiredWhenTheExecutionEnded) {
  facts_.ended = sample_end + Duration::hours(1);
  expect_flaw(sign_receipt(facts_, network_.signer()), ReceiptPart::chain, "has expired");
  facts_.ended = sample_end - Duration::hours(2);
  expect_flaw(sign_receipt(facts_, network_.signer()), ReceiptPart::chain, "not valid yet");
  network_.control.not_after = sample_end;
  facts_.ended = sample_end;
  expect_flaw(sign_receipt(facts_, network_.signer()), ReceiptPart::chain,
              "certificate of control 'control'");
}

TEST_F(ReceiptVerdictTest, RefusesAChainOfAnotherNetwork) {
  facts_.network = "other";
  expect_flaw(sign_receipt(facts_, network_.signer()), ReceiptPart::chain, "of network 'other'");
  network_.zone.network = "other";
  expect_flaw(sign_receipt(facts_, network_.signer()), ReceiptPart::chain, "another network");
}

TEST_F(ReceiptVerdictTest, RefusesAZoneThatSignsForAnother) {
  facts_.executor_zone = "eu-central-1b";
  expect_flaw(sign_receipt(facts_, network_.signer()), ReceiptPart::chain, "zone 'eu-central-1a'");
}

TEST_F(ReceiptVerdictTest, RefusesAZoneThatCertifiedItself) {
  auto signer = network_.signer();
  signer.chain.back() = issue_certificate(network_.zone, network_.zone_key);
  expect_flaw(sign_receipt(facts_, signer), ReceiptPart::chain, "was issued by key");
}

TEST_F(ReceiptVerdictTest, KnowsAnAnswerAndARequestByEveryByte) {
  EXPECT_FALSE(find_answer_flaw(facts_, answer_));
  for (std::size_t at = 0; at < answer_.size(); ++at) {
    std::string changed = answer_;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    ASSERT_TRUE(find_answer_flaw(facts_, changed));
    EXPECT_EQ(find_answer_flaw(facts_, changed)->part, ReceiptPart::answer);
    EXPECT_NE(find_answer_flaw(facts_, answer_.substr(0, at))->sentence.find("receipt covers 22"),
              std::string::npos);
  }
  EXPECT_FALSE(find_request_flaw(facts_, "{\"model\":\"m\"}"));
  EXPECT_EQ(find_request_flaw(facts_, "{\"model\":\"n\"}")->part, ReceiptPart::request);
}

TEST_F(ReceiptVerdictTest, SaysThatAReceiptWithoutDigestsCoversNoContent) {
  facts_.content.reset();
  EXPECT_NE(find_answer_flaw(facts_, answer_)->sentence.find("covers no content"),
            std::string::npos);
  EXPECT_TRUE(find_request_flaw(facts_, "{}"));
}

TEST_F(ReceiptVerdictTest, BelievesWhatTheZoneSigned) {
  const auto verdict = verify(receipt_);
  ASSERT_FALSE(verdict.flaw) << verdict.flaw->sentence;
  EXPECT_EQ(verdict.facts, facts_);
  EXPECT_EQ(verdict.chain.back().subject.name, "eu-central-1a");
}

}  // namespace
}  // namespace portolan::seal

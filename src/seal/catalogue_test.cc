#include "seal/catalogue.h"

#include <gtest/gtest.h>

#include "seal/jws.h"
#include "seal/receipt_samples_test.h"
#include "seal/text_encoding.h"

namespace portolan::seal {
namespace {

Signer control_of(const SampleNetwork& network) {
  return {network.control_key, issue_certificate(network.control, network.root)};
}

CatalogueFacts sample_catalogue() {
  CatalogueFacts facts;
  facts.world = {"demo", 2, 17};
  facts.world_hash = std::string(64, 'a');
  facts.region = "eu-central-1";
  facts.at = sample_end;
  facts.models = wire::parse_json(R"([{"name": "big", "context": 4096, "served": true}])").value();
  return facts;
}

// The sentence of a refusal; "" when it is believed.
std::string refusal(std::string_view jws, const SampleNetwork& network) {
  const auto verified = verify_catalogue(jws, network.root.verify_key());
  return verified ? "" : verified.error().message;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Catalogue, IsRefusedWithAnyByteChangedLostOrAdded) {
  const SampleNetwork network;
  const auto jws = sign_catalogue(sample_catalogue(), control_of(network));
  ASSERT_EQ(refusal(jws, network), "");
  for (std::size_t at = 0; at < jws.size(); ++at) {
    for (const char other : {'A', '-', '.', '\0'}) {
      if (jws[at] == other) continue;
      auto changed = jws;
      changed[at] = other;
      EXPECT_NE(refusal(changed, network), "") << at << " " << other;
    }
    EXPECT_NE(refusal(std::string(jws).erase(at, 1), network), "") << at;
    EXPECT_NE(refusal(std::string(jws).insert(at, "A"), network), "") << at;
    EXPECT_NE(refusal(std::string_view(jws).substr(0, at), network), "") << at;
  }
  EXPECT_NE(refusal(jws + "A", network), "");
}

TEST(Catalogue, IsRefusedWhereTheRootDidNotCertifyWhoSigned) {
  const SampleNetwork network;
  SampleNetwork other;
  other.root = sample_key(9);
  const auto jws = sign_catalogue(sample_catalogue(), control_of(other));
  EXPECT_NE(refusal(jws, network), "");
  // A zone's key speaks for no catalogue.
  const Signer zone{network.zone_key, issue_certificate(network.zone, network.root)};
  EXPECT_NE(refusal(sign_catalogue(sample_catalogue(), zone), network), "");
  // Another key under control's certificate.
  Signer thief = control_of(network);
  thief.key = sample_key(7);
  EXPECT_TRUE(has(refusal(sign_catalogue(sample_catalogue(), thief), network), "did not sign"));
}

TEST(Catalogue, IsRefusedOfAnotherNetworkOrOutsideTheCertificatesDates) {
  const SampleNetwork network;
  auto facts = sample_catalogue();
  facts.world.network = "other";
  EXPECT_TRUE(has(refusal(sign_catalogue(facts, control_of(network)), network), "'other'"));
  facts = sample_catalogue();
  facts.at = network.control.not_after;
  EXPECT_TRUE(has(refusal(sign_catalogue(facts, control_of(network)), network), "not valid"));
}

TEST(Catalogue, IsRefusedWithAnotherHeader) {
  const SampleNetwork network;
  const auto signer = control_of(network);
  const auto jws = sign_catalogue(sample_catalogue(), signer);
  const auto parts = split_jws(jws).value();
  const auto header = wire::parse_json(parse_base64url(parts.header).value()).value();
  const auto payload = parse_base64url(parts.payload).value();
  const auto signed_with = [&](const wire::Json& changed) {
    return sign_jws(wire::render_canonical(changed), payload, signer.key);
  };
  EXPECT_EQ(refusal(signed_with(header), network), "");
  for (const auto& [name, value] :
       {std::pair{"alg", "none"}, {"typ", "portolan-receipt"}, {"kid", "k"}, {"crit", "x"}}) {
    EXPECT_NE(refusal(signed_with(wire::Json(header).set(name, value)), network), "") << name;
  }
  for (const auto& member : *header.as_object()) {
    auto without = header;
    without.erase(member.name);
    EXPECT_NE(refusal(signed_with(without), network), "") << member.name;
  }
}

TEST(Catalogue, IsRefusedWithoutAnyOfItsFacts) {
  const SampleNetwork network;
  const auto signer = control_of(network);
  const auto jws = sign_catalogue(sample_catalogue(), signer);
  const auto parts = split_jws(jws).value();
  const auto header = parse_base64url(parts.header).value();
  const auto facts = wire::parse_json(parse_base64url(parts.payload).value()).value();
  for (const auto& member : *facts.as_object()) {
    auto without = facts;
    without.erase(member.name);
    const auto lacking = sign_jws(header, wire::render_canonical(without), signer.key);
    EXPECT_NE(refusal(lacking, network), "") << member.name;
  }
}

TEST(Catalogue, ReadsBackAsItWas) {
  const SampleNetwork network;
  const auto jws = sign_catalogue(sample_catalogue(), control_of(network));
  const auto verified = verify_catalogue(jws, network.root.verify_key());
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->facts.world, sample_catalogue().world);
  EXPECT_EQ(verified->facts.world_hash, sample_catalogue().world_hash);
  EXPECT_EQ(verified->facts.region, "eu-central-1");
  EXPECT_EQ(verified->facts.at, WallTime{sample_end.ns / 1'000'000 * 1'000'000});
  EXPECT_EQ(verified->facts.models, sample_catalogue().models);
  EXPECT_EQ(verified->signer, control_of(network).certificate);
}

}  // namespace
}  // namespace portolan::seal

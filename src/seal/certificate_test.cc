#include "seal/certificate.h"

#include <gtest/gtest.h>

#include <vector>

#include "wire/json_value.h"

namespace portolan::seal {
namespace {

SigningKey key_of(unsigned char fill) {
  KeySeed seed;
  seed.fill(fill);
  return SigningKey(seed);
}

constexpr WallTime now = WallTime::from_unix_seconds(1'800'000'000);

Subject subject_of(Role role, std::string name, const SigningKey& key) {
  return {.network = "demo",
          .role = role,
          .name = std::move(name),
          .key = key.verify_key(),
          .not_before = now - Duration::hours(1),
          .not_after = now + Duration::hours(1)};
}

class CertificateChain : public testing::Test {
 protected:
  SigningKey root_ = key_of(1);
  SigningKey control_key_ = key_of(2);
  SigningKey zone_key_ = key_of(3);
  Certificate control_ =
      issue_certificate(subject_of(Role::control, "control-1", control_key_), root_);
  Certificate zone_ =
      issue_certificate(subject_of(Role::zone, "eu-central-1a", zone_key_), control_key_);

  Status verify(std::vector<Certificate> chain, WallTime at = now) {
    return verify_chain(chain, root_.verify_key(), at);
  }
  void expect_refused(const Status& status, std::string_view because) {
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::bad_signature);
    EXPECT_NE(status.error().message.find(because), std::string::npos) << status.error().message;
  }
};

TEST_F(CertificateChain, RefusesAnotherRoot) {
  const std::vector chain = {control_};
  expect_refused(verify_chain(chain, key_of(9).verify_key(), now), "was issued by key");
}

TEST_F(CertificateChain, RefusesWhatWasNotSigned) {
  auto forged = control_;
  forged.signature[0] ^= 1;
  expect_refused(verify({forged}), "signature that does not fit");
}

TEST_F(CertificateChain, RefusesBeforeAndAfterItsDates) {
  expect_refused(verify({control_}, now - Duration::hours(2)), "not valid yet");
  expect_refused(verify({control_}, now + Duration::hours(1)), "has expired");
  EXPECT_TRUE(verify({control_}, now - Duration::hours(1)));
}

TEST_F(CertificateChain, RefusesAZoneThatStandsForControl) {
  expect_refused(verify({zone_}), "where control's belongs");
  expect_refused(verify({control_, control_}), "where a zone's belongs");
  expect_refused(verify({zone_, zone_}), "where control's belongs");
}

TEST_F(CertificateChain, RefusesAZoneOfAnotherNetwork) {
  auto subject = subject_of(Role::zone, "z", zone_key_);
  subject.network = "other";
  expect_refused(verify({control_, issue_certificate(subject, control_key_)}), "another network");
}

TEST_F(CertificateChain, RefusesAZoneThatTheRootIssuedItself) {
  const auto zone = issue_certificate(subject_of(Role::zone, "z", zone_key_), root_);
  expect_refused(verify({control_, zone}), "was issued by key");
}

TEST_F(CertificateChain, RefusesNoneAndTooMany) {
  EXPECT_FALSE(verify({}));
  EXPECT_FALSE(verify({control_, zone_, zone_}));
}

TEST_F(CertificateChain, HoldsFromRootToZone) {
  EXPECT_TRUE(verify({control_}));
  EXPECT_TRUE(verify({control_, zone_}));
}

TEST_F(CertificateChain, NoFlippedByteOfATextIsTaken) {
  const auto text = render_certificate(control_);
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto flipped = text;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    const auto read = parse_certificate(flipped);
    EXPECT_FALSE(read && verify({*read})) << "byte " << i << " of " << flipped;
  }
}

TEST_F(CertificateChain, ComesBackFromText) {
  const auto read = parse_certificate(render_certificate(zone_));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, zone_);
}

TEST_F(CertificateChain, RefusesAnUnknownMajor) {
  auto json = certificate_json(control_);
  json.find("statement")->set("major", 2);
  const auto read = read_certificate(json);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::unsupported_version);
}

TEST_F(CertificateChain, KeepsWhatANewerMinorVersionSigned) {
  auto json = certificate_json(control_);
  auto& statement = *json.find("statement");
  statement.set("minor", 7);
  statement.set("added_later", "x");
  const auto signed_bytes = "portolan certificate\n" + wire::render_canonical(statement);
  auto read = read_certificate(json);
  ASSERT_TRUE(read);
  read->signature = root_.sign(signed_bytes);
  EXPECT_TRUE(verify({*read}));
  EXPECT_EQ(*parse_certificate(render_certificate(*read)), *read);
}

}  // namespace
}  // namespace portolan::seal

#include "seal/signed_document.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace portolan::seal {
namespace {

SigningKey key_of(unsigned char fill) {
  KeySeed seed;
  seed.fill(fill);
  return SigningKey(seed);
}

constexpr WallTime now = WallTime::from_unix_seconds(1'800'000'000);

Signer signer_of(const SigningKey& root, Role role, std::string network = "demo") {
  const auto key = key_of(2);
  const Subject subject{.network = std::move(network),
                        .role = role,
                        .name = "control-1",
                        .key = key.verify_key(),
                        .not_before = now - Duration::hours(1),
                        .not_after = now + Duration::hours(1)};
  return {key, issue_certificate(subject, root)};
}

class SignedDocument : public testing::Test {
 protected:
  SigningKey root_ = key_of(1);
  Signer signer_ = signer_of(root_, Role::control);
  model::Version version_{"demo", 1, 7};
  std::string payload_ = R"({"kind":"world","text":"a\nb"})";
  std::string sealed_ = seal_document(DocumentKind::world, version_, payload_, signer_);

  Result<OpenedDocument> open(std::string_view bytes, WallTime at = now) {
    return open_document(bytes, DocumentKind::world, root_.verify_key(), at);
  }
  void expect_refused(const Result<OpenedDocument>& opened, Code code, std::string_view because) {
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, code) << opened.error().message;
    EXPECT_NE(opened.error().message.find(because), std::string::npos) << opened.error().message;
  }
};

TEST_F(SignedDocument, NoFlippedBitOfAnyByteIsTaken) {
  for (std::size_t i = 0; i < sealed_.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      auto flipped = sealed_;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      ASSERT_FALSE(open(flipped)) << "bit " << bit << " of byte " << i;
    }
  }
}

TEST_F(SignedDocument, NoTruncationIsTaken) {
  for (std::size_t size = 0; size < sealed_.size(); ++size) {
    ASSERT_FALSE(open(std::string_view(sealed_).substr(0, size))) << size << " bytes";
  }
  expect_refused(open(std::string_view(sealed_).substr(0, sealed_.size() - 1)),
                 Code::malformed_peer, "is truncated");
  expect_refused(open(sealed_ + " "), Code::malformed_peer, "behind its end");
}

TEST_F(SignedDocument, RefusesAnotherKind) {
  const auto keyring = seal_document(DocumentKind::keyring, version_, payload_, signer_);
  expect_refused(open(keyring), Code::malformed_peer, "'keyring' where a 'world' is expected");
}

TEST_F(SignedDocument, RefusesAnotherRoot) {
  expect_refused(open_document(sealed_, DocumentKind::world, key_of(9).verify_key(), now),
                 Code::bad_signature, "was issued by key");
}

TEST_F(SignedDocument, RefusesAnExpiredSigner) {
  expect_refused(open(sealed_, now + Duration::hours(1)), Code::bad_signature, "has expired");
}

TEST_F(SignedDocument, RefusesAZoneAsSigner) {
  const auto by_zone =
      seal_document(DocumentKind::world, version_, payload_, signer_of(root_, Role::zone));
  expect_refused(open(by_zone), Code::bad_signature, "where control's belongs");
}

TEST_F(SignedDocument, RefusesAnotherKeyThanTheCertified) {
  const Signer thief{key_of(8), signer_.certificate};
  expect_refused(open(seal_document(DocumentKind::world, version_, payload_, thief)),
                 Code::bad_signature, "did not sign it");
}

TEST_F(SignedDocument, RefusesControlOfAnotherNetwork) {
  const auto other = seal_document(DocumentKind::world, version_, payload_,
                                   signer_of(root_, Role::control, "other"));
  expect_refused(open(other), Code::bad_signature, "network 'other' signed for 'demo'");
}

TEST_F(SignedDocument, RefusesAnUnknownMajor) {
  const auto at = sealed_.rfind(R"("major":1)");
  ASSERT_NE(at, std::string::npos);
  auto newer = sealed_;
  newer.replace(at, 9, R"("major":2)");
  expect_refused(open(newer), Code::unsupported_version, "format version 2");
}

TEST_F(SignedDocument, RefusesMoreThanItsLimit) {
  const std::string enormous(limits::world_bytes_max.count() + 1024 * 1024, 'x');
  expect_refused(open(enormous), Code::limit_exceeded, "world_bytes_max");
}

TEST_F(SignedDocument, GivesBackWhatWasSealed) {
  const auto opened = open(sealed_);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->payload, payload_);
  EXPECT_EQ(opened->version, version_);
  EXPECT_EQ(opened->hash, sha256_hex(payload_));
  EXPECT_EQ(opened->certificate, signer_.certificate);
}

TEST(DocumentKinds, ComeBackFromTheirNames) {
  EXPECT_FALSE(document_kind_named("World"));
  for (const auto kind : {DocumentKind::world, DocumentKind::keyring, DocumentKind::keyring_delta,
                          DocumentKind::restrictions}) {
    EXPECT_EQ(document_kind_named(name_of(kind)), kind);
  }
}

}  // namespace
}  // namespace portolan::seal

#include "seal/tls_request.h"

#include <gtest/gtest.h>

namespace portolan::seal {
namespace {

constexpr WallTime now = WallTime::from_unix_seconds(1'800'000'000);
constexpr Validity a_day{now - Duration::hours(1), now + Duration::hours(23)};
const Identity gateway{"demo", Identity::Kind::gateway, "eu-central-1a", "gw-1"};

const TlsCredential& authority() {
  static const TlsCredential made = *make_tls_authority("demo", a_day);
  return made;
}

// One letter of the Base64 text changed.
std::string damaged(std::string pem) {
  char& letter = pem[pem.find("-----END") - 12];
  letter = letter == 'A' ? 'B' : 'A';
  return pem;
}

TEST(TlsRequest, WhatIsNoRequestIsRefusedInASentence) {
  const auto request = *make_tls_request(*make_tls_key());
  for (const std::string& text : {std::string(), std::string("hello"), authority().certificate,
                                  request.substr(0, request.size() / 2), damaged(request)}) {
    const auto digest = digest_of_request(text);
    ASSERT_FALSE(digest) << text;
    EXPECT_EQ(digest.error().code, Code::invalid_parameter);
    EXPECT_FALSE(sign_tls_request(authority(), text, gateway, a_day));
  }
}

TEST(TlsRequest, AnotherIdentityThanANameIsNotSigned) {
  auto forged = gateway;
  forged.id = "x,DNS:bank.example";
  EXPECT_FALSE(sign_tls_request(authority(), *make_tls_request(*make_tls_key()), forged, a_day));
}

TEST(TlsRequest, ACertificateOfAnotherKeyAuthorityOrTimeIsNotTaken) {
  const auto key = *make_tls_key();
  const auto certificate = *sign_tls_request(authority(), *make_tls_request(key), gateway, a_day);
  const auto other = *make_tls_authority("demo", a_day);
  EXPECT_FALSE(check_tls_certificate(certificate, *make_tls_key(), authority().certificate, now));
  EXPECT_FALSE(check_tls_certificate(certificate, key, other.certificate, now));
  EXPECT_FALSE(check_tls_certificate(certificate, key, authority().certificate,
                                     a_day.not_after + Duration::hours(1)));
  EXPECT_TRUE(check_tls_certificate(certificate, key, authority().certificate, now));
}

TEST(TlsRequest, TheCertificateSaysWhoItIsForAndWhoAsked) {
  const auto key = *make_tls_key();
  const auto request = *make_tls_request(key);
  EXPECT_EQ(request.find("PRIVATE"), request.npos);
  const auto certificate = *sign_tls_request(authority(), request, gateway, a_day);
  const auto facts = read_tls_certificate(certificate);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->identity, render_identity(gateway));
  EXPECT_EQ(facts->key, *digest_of_request(request));
  EXPECT_EQ(facts->serial.size(), 32u);
  EXPECT_EQ(facts->validity.not_before, a_day.not_before);
  EXPECT_EQ(facts->validity.not_after, a_day.not_after);
  EXPECT_EQ(certificate.find("PRIVATE"), certificate.npos);
}

TEST(TlsRequest, AFingerprintTellsCertificatesApart) {
  const auto other = *make_tls_authority("demo", a_day);
  EXPECT_EQ(tls_fingerprint(authority().certificate)->size(), 64u);
  EXPECT_NE(*tls_fingerprint(authority().certificate), *tls_fingerprint(other.certificate));
  EXPECT_FALSE(tls_fingerprint("no pem"));
}

}  // namespace
}  // namespace portolan::seal

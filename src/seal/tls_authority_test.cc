#include "seal/tls_authority.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace portolan::seal {
namespace {

using Cert = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr WallTime now = WallTime::from_unix_seconds(1'800'000'000);
constexpr Validity a_day{now - Duration::hours(1), now + Duration::hours(23)};
const Identity gateway{"demo", Identity::Kind::gateway, "eu-central-1a", "gw-1"};

Cert read(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  return {PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free};
}

// What X509_verify_cert says of `leaf` under `authority` for a TLS server.
int verify(const TlsCredential& authority, const TlsCredential& leaf, WallTime at, int purpose) {
  const Cert root = read(authority.certificate);
  const Cert certificate = read(leaf.certificate);
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(),
                                                                      &X509_STORE_free);
  X509_STORE_add_cert(store.get(), root.get());
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(
      X509_STORE_CTX_new(), &X509_STORE_CTX_free);
  X509_STORE_CTX_init(context.get(), store.get(), certificate.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), at.unix_seconds());
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

TEST(TlsAuthority, RefusesAnIdentityThatIsNone) {
  const auto authority = make_tls_authority("demo", a_day);
  ASSERT_TRUE(authority);
  auto forged = gateway;
  forged.id = "x,DNS:bank.example";
  EXPECT_FALSE(issue_tls_leaf(*authority, forged, a_day));
}

TEST(TlsAuthority, RefusesAnAuthorityThatIsNone) {
  const auto authority = make_tls_authority("demo", a_day);
  const auto other = make_tls_authority("demo", a_day);
  ASSERT_TRUE(authority && other);
  const auto mixed = issue_tls_leaf({authority->certificate, other->key}, gateway, a_day);
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().code, Code::bad_configuration);
  EXPECT_FALSE(issue_tls_leaf({"no pem", "no pem"}, gateway, a_day));
  EXPECT_FALSE(check_tls_authority({authority->certificate, other->key}));
  EXPECT_TRUE(check_tls_authority(*authority));
}

TEST(TlsAuthority, LeavesHoldUnderTheirAuthorityAloneAndInTheirTime) {
  const auto authority = make_tls_authority("demo", a_day);
  const auto other = make_tls_authority("demo", a_day);
  ASSERT_TRUE(authority && other);
  const auto leaf = issue_tls_leaf(*authority, gateway, a_day);
  ASSERT_TRUE(leaf) << leaf.error().message;
  EXPECT_EQ(verify(*authority, *leaf, now, X509_PURPOSE_SSL_SERVER), X509_V_OK);
  EXPECT_EQ(verify(*authority, *leaf, now, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  EXPECT_NE(verify(*other, *leaf, now, X509_PURPOSE_SSL_SERVER), X509_V_OK);
  EXPECT_EQ(verify(*authority, *leaf, now + Duration::hours(24), X509_PURPOSE_SSL_SERVER),
            X509_V_ERR_CERT_HAS_EXPIRED);
}

TEST(TlsAuthority, LeavesCarryTheirIdentityAndLoopback) {
  const auto authority = make_tls_authority("demo", a_day);
  ASSERT_TRUE(authority);
  const auto leaf = issue_tls_leaf(*authority, gateway, a_day);
  ASSERT_TRUE(leaf);
  const Cert certificate = read(leaf->certificate);
  EXPECT_EQ(X509_check_host(certificate.get(), "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "127.0.0.1", 0), 1);
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr));
  ASSERT_NE(names, nullptr);
  const GENERAL_NAME* uri = sk_GENERAL_NAME_value(names, 0);
  ASSERT_EQ(uri->type, GEN_URI);
  const auto* text = ASN1_STRING_get0_data(uri->d.uniformResourceIdentifier);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(text)), render_identity(gateway));
  GENERAL_NAMES_free(names);
}

}  // namespace
}  // namespace portolan::seal

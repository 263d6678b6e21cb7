#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "base/check.h"
#include "runtime/network.h"

// For tests: certificates that are made on the spot.
namespace portolan::runtime::testing {

using TestKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using TestCertificate = std::unique_ptr<X509, decltype(&X509_free)>;

inline std::string pem_of(X509* certificate, EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  const bool written = certificate != nullptr ? PEM_write_bio_X509(bio, certificate) == 1
                                              : PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr,
                                                                         0, nullptr, nullptr) == 1;
  check(written, "no PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

// An authority of its own, and leaves of it for localhost.
class TestAuthority {
 public:
  TestAuthority()
      : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), certificate_(make("authority", *key_)) {
    X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
    extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
    check(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0, "no signature");
  }

  std::string certificate() const { return pem_of(certificate_.get(), nullptr); }

  // A leaf that shows `identity` (a URI), is so many seconds old, lives for an hour more, and
  // trusts this authority.
  TlsMaterial issue(const std::string& identity, bool require_peer = false, long age = 3600) const {
    const TestKey key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const TestCertificate leaf = make("leaf", *key);
    X509_gmtime_adj(X509_getm_notBefore(leaf.get()), -age);
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(certificate_.get()));
    extend(leaf.get(), NID_subject_alt_name, "URI:" + identity + ",IP:127.0.0.1,DNS:localhost");
    check(X509_sign(leaf.get(), key_.get(), EVP_sha256()) > 0, "no signature");
    return {pem_of(leaf.get(), nullptr), pem_of(nullptr, key.get()), certificate(), require_peer};
  }

 private:
  static TestCertificate make(const char* name, EVP_PKEY& key) {
    TestCertificate fresh(X509_new(), X509_free);
    X509_set_version(fresh.get(), X509_VERSION_3);
    static long serial = 1;
    ASN1_INTEGER_set(X509_get_serialNumber(fresh.get()), serial++);
    X509_gmtime_adj(X509_getm_notBefore(fresh.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(fresh.get()), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(fresh.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_pubkey(fresh.get(), &key);
    return fresh;
  }

  static void extend(X509* certificate, int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    check(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "no extension");
    X509_EXTENSION_free(extension);
  }

  TestKey key_;
  TestCertificate certificate_;
};

}  // namespace portolan::runtime::testing

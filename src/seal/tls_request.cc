#include "seal/tls_request.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>

#include "seal/text_encoding.h"
#include "seal/x509.h"

namespace portolan::seal {
namespace {

using Request = std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)>;
using Store = std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)>;

Fault no_request(std::string_view why) {
  ERR_clear_error();
  return Fault{Code::invalid_parameter, Retry::never,
               fmt::format("The certificate request {}.", why)};
}

bool is_p256(EVP_PKEY* key) {
  std::array<char, 32> group{};
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
         std::string_view(group.data()) == "prime256v1";
}

// The key that asks, once it has proved that it can sign.
Result<PKey> read_request(const std::string& pem) {
  const Bio bio = bio_of(pem);
  const Request request(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr),
                        &X509_REQ_free);
  if (!request) return no_request("is none in PEM");
  PKey key(X509_REQ_get_pubkey(request.get()), &EVP_PKEY_free);
  if (!key || !is_p256(key.get())) return no_request("is not of an ECDSA P-256 key");
  if (X509_REQ_verify(request.get(), key.get()) != 1) {
    return no_request("is not signed by the key that it names");
  }
  return key;
}

Result<WallTime> read_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return refused_by_openssl("read a certificate's date");
  return WallTime::from_unix_seconds(timegm(&parts));
}

std::string first_uri(X509* certificate) {
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::string uri;
  for (int i = 0; i < sk_GENERAL_NAME_num(names) && uri.empty(); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
    uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
               static_cast<std::size_t>(ASN1_STRING_length(text)));
  }
  GENERAL_NAMES_free(names);
  return uri;
}

std::string serial_of(const X509* certificate) {
  BIGNUM* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
  check(number != nullptr, "a certificate has a serial number");
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  BN_free(number);
  return render_hex({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

Fault does_not_fit(std::string_view why) {
  ERR_clear_error();
  return Fault{Code::untrusted_peer, Retry::never, fmt::format("The certificate {}.", why)};
}

}  // namespace

Result<std::string> make_tls_key() {
  TRY(const auto key, make_p256_key());
  return render_private_key(key.get());
}

Result<std::string> make_tls_request(const std::string& pem) {
  TRY(const auto key, read_private_key(pem));
  const Request request(X509_REQ_new(), &X509_REQ_free);
  if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
      X509_REQ_sign(request.get(), key.get(), EVP_sha256()) == 0) {
    return refused_by_openssl("make a certificate request");
  }
  const Bio bio = memory_bio();
  if (PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1) return text_of(bio.get());
  return refused_by_openssl("write a certificate request as PEM");
}

Result<std::string> digest_of_request(const std::string& request) {
  TRY(const auto key, read_request(request));
  return digest_of_key(key.get());
}

Result<std::string> sign_tls_request(const TlsCredential& authority, const std::string& request,
                                     const Identity& identity, Validity validity) {
  TRY(const auto key, read_request(request));
  TRY(const auto certificate, sign_leaf(authority, key.get(), identity, validity, ""));
  return render_certificate_pem(certificate.get());
}

Result<TlsFacts> read_tls_certificate(const std::string& pem) {
  TRY(const auto certificate, read_certificate_pem(pem));
  EVP_PKEY* key = X509_get0_pubkey(certificate.get());
  if (key == nullptr) return refused_by_openssl("read a certificate's key");
  TlsFacts facts;
  facts.identity = first_uri(certificate.get());
  facts.key = digest_of_key(key);
  facts.serial = serial_of(certificate.get());
  TRY(facts.validity.not_before, read_time(X509_get0_notBefore(certificate.get())));
  TRY(facts.validity.not_after, read_time(X509_get0_notAfter(certificate.get())));
  return facts;
}

Result<std::string> tls_fingerprint(const std::string& pem) {
  TRY(const auto certificate, read_certificate_pem(pem));
  std::array<unsigned char, 32> digest{};
  unsigned length = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), digest.data(), &length) == 1 &&
      length == digest.size()) {
    return render_hex(digest);
  }
  return refused_by_openssl("digest a certificate");
}

Status check_tls_certificate(const std::string& certificate, const std::string& key,
                             const std::string& authority, WallTime now) {
  TRY(const auto leaf, read_certificate_pem(certificate));
  TRY(const auto own, read_private_key(key));
  TRY(const auto root, read_certificate_pem(authority));
  if (X509_check_private_key(leaf.get(), own.get()) != 1) {
    return does_not_fit("is for another key than this machine's");
  }
  const Store store(X509_STORE_new(), &X509_STORE_free);
  const StoreContext context(X509_STORE_CTX_new(), &X509_STORE_CTX_free);
  if (!store || !context || X509_STORE_add_cert(store.get(), root.get()) != 1 ||
      X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr) != 1) {
    return refused_by_openssl("verify a certificate");
  }
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), now.unix_seconds());
  if (X509_verify_cert(context.get()) == 1) return {};
  return does_not_fit(
      fmt::format("does not hold under the network's authority ({})",
                  X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))));
}

}  // namespace portolan::seal

#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "seal/identity.h"
#include "seal/tls_authority.h"

namespace portolan::seal {

// How a process gets a certificate without its key leaving its machine: it makes
// the key, asks by a certificate request (PKCS #10, RFC 2986), and is sent the
// certificate. Keys are ECDSA P-256. Errors, where none is named:
// bad_configuration, when OpenSSL refuses.

// PEM, of OpenSSL's random source.
Result<std::string> make_tls_key();
// PEM. Names nobody: who it is for is up to the authority.
Result<std::string> make_tls_request(const std::string& key);

// SHA-256 of the key that asks, hex. Errors: invalid_parameter for a text that is
// no request, is not signed by its own key, or is of another kind of key.
Result<std::string> digest_of_request(const std::string& request);

// The certificate, PEM, for the key that asks. Errors: as digest_of_request();
// untrusted_peer for an identity that is none.
Result<std::string> sign_tls_request(const TlsCredential& authority, const std::string& request,
                                     const Identity& identity, Validity validity);

// What a certificate says.
struct TlsFacts {
  std::string identity;  // its first URI; empty: it has none
  std::string key;       // SHA-256 of its public key, hex
  std::string serial;    // hex
  Validity validity;
};
Result<TlsFacts> read_tls_certificate(const std::string& certificate);

// SHA-256 of the first certificate in the PEM, as it stands in it, hex: what
// `openssl x509 -fingerprint -sha256` shows.
Result<std::string> tls_fingerprint(const std::string& certificate);

// Whether `certificate` is for `key` and holds under `authority` at that time.
// Errors: untrusted_peer, with what does not fit.
Status check_tls_certificate(const std::string& certificate, const std::string& key,
                             const std::string& authority, WallTime now);

}  // namespace portolan::seal

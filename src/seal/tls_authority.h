#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "seal/identity.h"

namespace portolan::seal {

// An X.509 certificate and its private key, both PEM.
struct TlsCredential {
  std::string certificate;
  std::string key;
};

struct Validity {
  WallTime not_before;
  WallTime not_after;
};

// A certificate authority for one network, ECDSA P-256, for `up` and for tests.
// Keys come from OpenSSL's random source. Errors: bad_configuration, when
// OpenSSL refuses.
Result<TlsCredential> make_tls_authority(std::string_view network, Validity validity);

// Whether they belong together. Errors: bad_configuration.
Status check_tls_authority(const TlsCredential& authority);

// A leaf that serves and connects as `identity`: its SPIFFE ID as URI, and
// IP 127.0.0.1 and DNS localhost, because `up` lives on one machine.
// Errors: bad_configuration, untrusted_peer for an identity that is none.
Result<TlsCredential> issue_tls_leaf(const TlsCredential& authority, const Identity& identity,
                                     Validity validity);

}  // namespace portolan::seal

#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portolan::seal {

// What lets one machine into a network, once: ptj_<id>_<secret>_<authority>.
// `id` is 12 hex digits, `secret` and `authority` are 64 each. The
// authority's fingerprint is in it, so that whoever has the token knows whom to
// trust before a connection is made (as kubeadm's discovery-token-ca-cert-hash).
struct JoinToken {
  std::string id;
  std::string secret;     // hex
  std::string authority;  // tls_fingerprint() of the network's authority
  friend bool operator==(const JoinToken&, const JoinToken&) = default;
};

JoinToken make_join_token(const std::array<unsigned char, 6>& id,
                          const std::array<unsigned char, 32>& secret, std::string authority);
std::string render_join_token(const JoinToken& token);
// Errors: malformed_key. Never repeats the text in the message.
Result<JoinToken> parse_join_token(std::string_view text);

// What is stored of the secret: its SHA-256, hex.
std::string digest_of_secret(const JoinToken& token);
// In time that does not depend on where they differ.
bool is_secret_of(const JoinToken& token, const std::string& digest);

}  // namespace portolan::seal

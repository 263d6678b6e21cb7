#include "seal/join_token.h"

#include <openssl/crypto.h>

#include "seal/ed25519.h"
#include "seal/text_encoding.h"

namespace portolan::seal {
namespace {

constexpr std::string_view prefix = "ptj_";
constexpr std::size_t id_length = 12;
constexpr std::size_t hex_length = 64;
constexpr std::size_t secret_begin = prefix.size() + id_length + 1;
constexpr std::size_t authority_begin = secret_begin + hex_length + 1;
constexpr std::size_t token_length = authority_begin + hex_length;

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

JoinToken make_join_token(const std::array<unsigned char, 6>& id,
                          const std::array<unsigned char, 32>& secret, std::string authority) {
  return {.id = render_hex(id), .secret = render_hex(secret), .authority = std::move(authority)};
}

std::string render_join_token(const JoinToken& token) {
  std::string text(prefix);
  return text.append(token.id).append("_").append(token.secret).append("_").append(token.authority);
}

Result<JoinToken> parse_join_token(std::string_view text) {
  const auto malformed = [](std::string why) {
    return Fault{Code::malformed_key, Retry::never, std::move(why)};
  };
  if (!text.starts_with(prefix)) {
    return malformed("The token does not begin with 'ptj_'; 'portolan token create' makes one.");
  }
  if (text.size() != token_length || text[secret_begin - 1] != '_' ||
      text[authority_begin - 1] != '_') {
    return malformed("The token is not 146 characters long in three parts; copy it whole.");
  }
  const auto id = text.substr(prefix.size(), id_length);
  const auto secret = text.substr(secret_begin, hex_length);
  const auto authority = text.substr(authority_begin);
  if (!is_hex(id) || !is_hex(secret) || !is_hex(authority)) {
    return malformed("The token holds a character that none has; copy it whole.");
  }
  return JoinToken{std::string(id), std::string(secret), std::string(authority)};
}

std::string digest_of_secret(const JoinToken& token) { return sha256_hex(token.secret); }

bool is_secret_of(const JoinToken& token, const std::string& digest) {
  const auto own = digest_of_secret(token);
  return own.size() == digest.size() && CRYPTO_memcmp(own.data(), digest.data(), own.size()) == 0;
}

}  // namespace portolan::seal

#include "seal/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/check.h"
#include "seal/text_encoding.h"

namespace portolan::seal {

std::string hmac_sha256_hex(std::string_view key, std::string_view text) {
  std::array<unsigned char, 32> code;
  unsigned int size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  check(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(),
             code.data(), &size) != nullptr &&
            size == code.size(),
        "OpenSSL has HMAC-SHA-256");
  return render_hex(code);
}

}  // namespace portolan::seal

#include "seal/jws.h"

#include "seal/text_encoding.h"

namespace portolan::seal {

std::optional<Jws> split_jws(std::string_view text) {
  const auto first = text.find('.');
  const auto second = first == text.npos ? text.npos : text.find('.', first + 1);
  if (second == text.npos || text.find('.', second + 1) != text.npos) return std::nullopt;
  return Jws{text.substr(0, first), text.substr(first + 1, second - first - 1),
             text.substr(second + 1)};
}

std::string sign_jws(std::string_view header, std::string_view payload, const SigningKey& key) {
  std::string text = render_base64url(header);
  text.append(".").append(render_base64url(payload));
  const Signature signature = key.sign(text);
  return text.append(".").append(render_base64url(signature));
}

}  // namespace portolan::seal

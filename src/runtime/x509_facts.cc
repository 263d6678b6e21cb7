#include "runtime/x509_facts.h"

#include <openssl/x509v3.h>

#include <ctime>

namespace portolan::runtime {

std::string uri_of(const X509* certificate) {
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::string uri;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
    uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
               static_cast<std::size_t>(ASN1_STRING_length(text)));
    break;
  }
  GENERAL_NAMES_free(names);
  return uri;
}

std::optional<WallTime> time_of(const ASN1_TIME* text) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(text, &parts) != 1) return std::nullopt;
  return WallTime::from_unix_seconds(timegm(&parts));
}

}  // namespace portolan::runtime

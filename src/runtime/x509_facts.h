#pragma once

#include <openssl/x509.h>

#include <optional>
#include <string>

#include "base/time.h"

// What stands in a certificate. For this room's own .cc files.
namespace portolan::runtime {

// The first URI among its names; empty without one.
std::string uri_of(const X509* certificate);

// Nothing for a text that is no time.
std::optional<WallTime> time_of(const ASN1_TIME* text);

}  // namespace portolan::runtime

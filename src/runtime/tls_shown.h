#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "runtime/network.h"

namespace portolan::runtime {

// The certificate that listeners with these credentials show now, also after it was exchanged.
struct ShownCertificate {
  std::string identity;  // the URI among its names
  WallTime not_after;
  friend bool operator==(const ShownCertificate&, const ShownCertificate&) = default;
};

// Nothing where there is none, or where a network has no TLS.
std::optional<ShownCertificate> shown_certificate(const Credentials& credentials);

}  // namespace portolan::runtime

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portolan::seal {

// A name of a network, zone or any resource: [a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?
bool valid_name(std::string_view name);

// Who a process is among its peers, as its TLS certificate says (SPIFFE ID):
//   spiffe://<network>/zone/<zone>/gateway/<id>
//   spiffe://<network>/control/<id>
//   spiffe://<network>/meter/<id>
struct Identity {
  enum class Kind : std::uint8_t { gateway, control, meter };

  std::string network;
  Kind kind = Kind::gateway;
  std::string zone;  // of a gateway; empty for the others
  std::string id;
  friend bool operator==(const Identity&, const Identity&) = default;
};

std::string render_identity(const Identity& identity);

// Errors: untrusted_peer. Each part is a name of a resource.
Result<Identity> parse_identity(std::string_view uri);

}  // namespace portolan::seal

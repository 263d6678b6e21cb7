#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace portolan::cli {

// Below the ports that Linux gives to outgoing connections (32768 and up), so
// that none of ours is taken by accident.
inline constexpr std::uint16_t base_port_default = 18400;

// The ports of one home, by what listens there ("admin", "region/eu-central-1").
// Chosen once and then kept, so that URLs stay what they were.
struct Ports {
  std::uint16_t base = base_port_default;
  std::map<std::string, std::uint16_t> by_name;

  // Zero when there is none of that name.
  std::uint16_t of(std::string_view name) const;
  friend bool operator==(const Ports&, const Ports&) = default;
};

using PortIsFree = std::function<bool(std::uint16_t)>;

// `known` with a port for each of `names`. A new name gets the next port from
// the base that is free and nobody else's. Another base makes all of them anew.
// Errors: limit_exceeded when no port is left.
Result<Ports> choose_ports(const Ports& known, const std::vector<std::string>& names,
                           std::optional<std::uint16_t> base, const PortIsFree& is_free);

// {"base": 18400, "ports": {name: port}}. Errors of reading: bad_configuration.
std::string render_ports(const Ports& ports);
Result<Ports> parse_ports(std::string_view text);

// Whether a listener could be put on that port of 127.0.0.1 now.
bool port_is_free(std::uint16_t port);

}  // namespace portolan::cli

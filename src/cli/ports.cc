#include "cli/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "wire/json_value.h"

namespace portolan::cli {
namespace {

constexpr std::uint32_t port_max = 65535;

Fault malformed() {
  return {Code::bad_configuration, Retry::never,
          "ports.json is not {\"base\": PORT, \"ports\": {NAME: PORT}}; remove it to choose "
          "ports anew"};
}

Result<std::uint16_t> read_port(const wire::Json* json) {
  const auto number = json != nullptr ? json->as_uint64() : std::nullopt;
  if (!number || *number == 0 || *number > port_max) return malformed();
  return static_cast<std::uint16_t>(*number);
}

}  // namespace

std::uint16_t Ports::of(std::string_view name) const {
  const auto found = by_name.find(std::string(name));
  return found == by_name.end() ? std::uint16_t{0} : found->second;
}

Result<Ports> choose_ports(const Ports& known, const std::vector<std::string>& names,
                           std::optional<std::uint16_t> base, const PortIsFree& is_free) {
  Ports ports = known;
  if (base && *base != known.base) ports = {*base, {}};
  std::set<std::uint16_t> used;
  for (const auto& [name, port] : ports.by_name) used.insert(port);
  std::uint32_t next = ports.base;
  for (const std::string& name : names) {
    if (ports.by_name.contains(name)) continue;
    const auto usable = [&](std::uint32_t port) {
      const auto number = static_cast<std::uint16_t>(port);
      return !used.contains(number) && is_free(number);
    };
    while (next <= port_max && !usable(next)) ++next;
    if (next > port_max) {
      return Fault{Code::limit_exceeded, Retry::never,
                   "no port from " + std::to_string(ports.base) +
                       " on is free; choose others with --base-port"};
    }
    ports.by_name[name] = static_cast<std::uint16_t>(next++);
  }
  return ports;
}

std::string render_ports(const Ports& ports) {
  wire::Json table = wire::Json::object();
  for (const auto& [name, port] : ports.by_name) table.set(name, port);
  wire::Json json = wire::Json::object();
  json.set("base", ports.base).set("ports", std::move(table));
  return render_pretty(json) + "\n";
}

Result<Ports> parse_ports(std::string_view text) {
  TRY(const wire::Json json, wire::parse_json(text, Code::bad_configuration));
  Ports ports;
  TRY(ports.base, read_port(json.find("base")));
  const wire::Json* table = json.find("ports");
  if (table == nullptr || table->as_object() == nullptr) return malformed();
  for (const auto& [name, value] : *table->as_object()) {
    TRY(ports.by_name[name], read_port(&value));
  }
  return ports;
}

bool port_is_free(std::uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const int yes = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free =
      bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      listen(descriptor, 1) == 0;
  close(descriptor);
  return free;
}

}  // namespace portolan::cli

#include "runtime/socket_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <charconv>
#include <cstring>

namespace portolan::runtime {
namespace {

Result<SocketAddress> look_up(const Address& address, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(address.port);
  const int error = getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found);
  if (error != 0 || found == nullptr) {
    const bool is_name = (flags & AI_NUMERICHOST) != 0;
    return Fault{is_name ? Code::resource_not_found : Code::unreachable, Retry::elsewhere,
                 "no address for " + address.host + ": " + gai_strerror(error)};
  }
  SocketAddress socket_address;
  std::memcpy(&socket_address.storage, found->ai_addr, found->ai_addrlen);
  socket_address.size = found->ai_addrlen;
  freeaddrinfo(found);
  return socket_address;
}

}  // namespace

Result<SocketAddress> numeric_address(const Address& address) {
  return look_up(address, AI_NUMERICHOST);
}

Result<SocketAddress> resolve_address(const Address& address) { return look_up(address, 0); }

Address bound_address(int descriptor) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) != 0 ||
      getnameinfo(reinterpret_cast<const sockaddr*>(&storage), size, host.data(), host.size(),
                  port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {};
  }
  return {host.data(), static_cast<std::uint16_t>(std::stoi(port.data()))};
}

std::string to_string(const Address& address) {
  const bool bracket = address.host.find(':') != std::string::npos;
  return (bracket ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

Result<Address> parse_address(std::string text) {
  const Fault bad{Code::bad_configuration, Retry::never,
                  "'" + text + "' is not an address; write host:port, or [IPv6]:port"};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return bad;
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return bad;
  std::string host = text.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return bad;
  }
  return Address{std::move(host), port};
}

}  // namespace portolan::runtime

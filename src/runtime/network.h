#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "runtime/stream.h"
#include "runtime/task.h"

namespace portolan::runtime {

struct Address {
  std::string host;  // a name, IPv4 or IPv6 without brackets
  std::uint16_t port = 0;
  friend auto operator<=>(const Address&, const Address&) = default;
};

// "host:port", with brackets around IPv6.
std::string to_string(const Address& address);
// Errors: bad_configuration.
Result<Address> parse_address(std::string text);

// What one side of TLS 1.3 shows and trusts, in PEM. No certificate shows none; no authority
// trusts the system's, and "sha256:<hex>" that one alone, which the peer is to send along.
struct TlsMaterial {
  std::string certificate;  // chain, leaf first
  std::string key;
  std::string authority;
  bool require_peer = false;  // servers: refuse a client without a certificate
};

// TlsMaterial made ready, shared by many connections and threads.
class Credentials {
 public:
  Credentials() = default;
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;
  virtual ~Credentials() = default;
};

struct ConnectOptions {
  Address address;
  std::shared_ptr<const Credentials> credentials;  // null: plain TCP
  std::string server_name;  // verified against the certificate; empty: the chain alone is
};

struct ListenOptions {
  Address address;  // port 0: any free one
  bool share_port = false;  // SO_REUSEPORT: several processes take turns
  std::shared_ptr<const Credentials> credentials;
};

// A listening socket. Destroying it closes it; no accept may be pending then.
class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;

  // The next connection. With credentials the TLS handshake is not done yet: its
  // first read or write does it, so that a slow peer holds up nobody.
  // Errors: cancelled; limit_exceeded when the process is out of descriptors.
  virtual Task<Result<std::unique_ptr<Stream>>> accept() = 0;
  virtual Address address() const = 0;
};

// The network seam.
class Network {
 public:
  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  virtual ~Network() = default;

  // Connected, and with credentials handshaken. Errors: connection_refused,
  // connection_reset, unreachable, untrusted_peer, cancelled; all with
  // Retry::elsewhere where a peer is at fault. Has no deadline of its own.
  virtual Task<Result<std::unique_ptr<Stream>>> connect(ConnectOptions options) = 0;
  virtual Result<std::unique_ptr<Listener>> listen(ListenOptions options) = 0;
  // Errors: bad_configuration.
  virtual Result<std::shared_ptr<const Credentials>> make_credentials(TlsMaterial material) = 0;
};

}  // namespace portolan::runtime

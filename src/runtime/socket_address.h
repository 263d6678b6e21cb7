#pragma once

#include <sys/socket.h>

#include "base/result.h"
#include "runtime/network.h"

namespace portolan::runtime {

// An address as the kernel takes it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

// Of an address whose host is numeric; resource_not_found when it is a name.
Result<SocketAddress> numeric_address(const Address& address);
// Asks the system's resolver; blocks. Errors: unreachable.
Result<SocketAddress> resolve_address(const Address& address);
// Where a bound socket listens.
Address bound_address(int descriptor);

}  // namespace portolan::runtime

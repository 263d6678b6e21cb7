#pragma once

#include "runtime/network.h"

namespace portolan::runtime {

class EpollShard;

// The Network seam on the kernel's TCP and OpenSSL.
class KernelNetwork final : public Network {
 public:
  explicit KernelNetwork(EpollShard& shard) : shard_(shard) {}

  Task<Result<std::unique_ptr<Stream>>> connect(ConnectOptions options) override;
  Result<std::unique_ptr<Listener>> listen(ListenOptions options) override;
  Result<std::shared_ptr<const Credentials>> make_credentials(TlsMaterial material) override;

 private:
  EpollShard& shard_;
};

}  // namespace portolan::runtime

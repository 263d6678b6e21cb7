#pragma once

#include <memory>
#include <vector>

#include "runtime/network.h"

namespace portolan::runtime {

class EpollShard;
class TlsCredentials;

// The Network seam on the kernel's TCP and OpenSSL.
class KernelNetwork final : public Network {
 public:
  explicit KernelNetwork(EpollShard& shard) : shard_(shard) {}

  Task<Result<std::unique_ptr<Stream>>> connect(ConnectOptions options) override;
  Result<std::unique_ptr<Listener>> listen(ListenOptions options) override;
  Result<std::shared_ptr<const Credentials>> make_credentials(TlsMaterial material) override;

  // As renew_credentials() of tls_renewal.h.
  Result<std::size_t> renew(const TlsMaterial& old, const TlsMaterial& fresh);

 private:
  // Credentials that somebody may still hold, and what they were made of.
  struct Made {
    std::weak_ptr<const TlsCredentials> credentials;
    TlsMaterial material;
  };

  EpollShard& shard_;
  std::vector<Made> made_;
};

}  // namespace portolan::runtime

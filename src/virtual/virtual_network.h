#pragma once

#include <deque>
#include <memory>
#include <string>

#include "runtime/event.h"
#include "runtime/network.h"
#include "virtual/connection.h"

namespace portolan::virtual_time {

class Universe;
class VirtualShard;

// Certificates in clear: the URI of TlsMaterial::certificate, taken at its word.
class VirtualCredentials final : public runtime::Credentials {
 public:
  VirtualCredentials(std::string name, bool must_show) : identity(std::move(name)), require_peer(must_show) {}
  std::string identity;
  bool require_peer;
};

// The network seam of one machine. Hosts are machine names; any name that is no
// machine, such as 127.0.0.1, is the machine itself.
class VirtualNetwork final : public runtime::Network {
 public:
  VirtualNetwork(Universe& universe, VirtualShard& machine)
      : universe_(universe), machine_(machine) {}

  runtime::Task<Result<std::unique_ptr<runtime::Stream>>> connect(
      runtime::ConnectOptions options) override;
  Result<std::unique_ptr<runtime::Listener>> listen(runtime::ListenOptions options) override;
  Result<std::shared_ptr<const runtime::Credentials>> make_credentials(
      runtime::TlsMaterial material) override;

 private:
  Universe& universe_;
  VirtualShard& machine_;
};

class VirtualListener final : public runtime::Listener {
 public:
  VirtualListener(Universe& universe, VirtualShard& machine, runtime::ListenOptions options);
  ~VirtualListener() override;

  runtime::Task<Result<std::unique_ptr<runtime::Stream>>> accept() override;
  runtime::Address address() const override { return options_.address; }

  VirtualShard& machine() { return machine_; }
  const VirtualCredentials* credentials() const;
  // A connection arrives, or the machine is gone and no more will.
  void arrive(std::shared_ptr<Connection> connection);
  void forget_universe() { cut_off_ = true; }

 private:
  Universe& universe_;
  VirtualShard& machine_;
  runtime::ListenOptions options_;
  runtime::Event arrived_;
  std::deque<std::shared_ptr<Connection>> waiting_;
  bool cut_off_ = false;
};

}  // namespace portolan::virtual_time

#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "gateway/options.h"
#include "http/client.h"
#include "model/resources.h"
#include "runtime/shard.h"

namespace portolan::gateway {

// The pools of connections to engines, other gateways, control and meters, made
// when first asked for.
//
// Lives on: the gateway's shard.  Owner: the Gateway. Pools live until close().
class Connections {
 public:
  Connections(runtime::Shard& shard, const Options& options)
      : shard_(shard), options_(options) {}

  // Reads certificates. Errors: bad_configuration.
  Status prepare();

  // Errors: bad_configuration for a URL that is none or an unknown CA.
  Result<http::Pool*> to_engine(const model::Engine& engine);
  Result<http::Pool*> to_gateway(const std::string& zone, const model::GatewayAddress& gateway);
  http::Pool& to_control(const runtime::Address& control);
  http::Pool& to_meter(const runtime::Address& meter);

  // This gateway's own certificate, for listeners too; requires the peer's.
  std::shared_ptr<const runtime::Credentials> own() const { return own_; }

  runtime::Task<void> close();

 private:
  http::Pool& pool(const std::string& name, const http::Origin& origin);

  runtime::Shard& shard_;
  const Options& options_;
  std::shared_ptr<const runtime::Credentials> own_;
  std::map<std::string, std::shared_ptr<const runtime::Credentials>> authorities_;
  std::map<std::string, std::unique_ptr<http::Pool>> pools_;
};

}  // namespace portolan::gateway

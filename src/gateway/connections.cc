#include "gateway/connections.h"

#include <utility>

#include "seal/identity.h"
#include "wire/url.h"

namespace portolan::gateway {

Status Connections::prepare() {
  runtime::TlsMaterial material = options_.tls;
  material.require_peer = true;
  TRY(own_, shard_.network().make_credentials(material));
  TRY(authorities_[""], shard_.network().make_credentials({}));
  for (const auto& [name, pem] : options_.authorities) {
    runtime::TlsMaterial trusted;
    trusted.authority = pem;
    TRY(authorities_[name], shard_.network().make_credentials(trusted));
  }
  return {};
}

http::Pool& Connections::pool(const std::string& name, const http::Origin& origin) {
  auto& place = pools_[name];
  if (!place) place = std::make_unique<http::Pool>(shard_, origin);
  return *place;
}

Result<http::Pool*> Connections::to_engine(const model::Engine& engine) {
  const std::string name = "engine " + engine.ca + " " + engine.url;
  if (const auto known = pools_.find(name); known != pools_.end()) return known->second.get();
  TRY(const wire::Url url, wire::parse_url(engine.url));
  http::Origin origin;
  origin.address = {url.host, url.port};
  if (url.tls) {
    const auto authority = authorities_.find(engine.ca);
    if (authority == authorities_.end()) {
      return Fault{Code::bad_configuration, Retry::elsewhere,
                   "this gateway has no CA bundle named '" + engine.ca + "'"};
    }
    origin.credentials = authority->second;
    origin.server_name = url.host;
  }
  return &pool(name, origin);
}

Result<http::Pool*> Connections::to_gateway(const std::string& zone,
                                            const model::GatewayAddress& gateway) {
  const std::string name = "gateway " + gateway.id + " " + gateway.hop;
  if (const auto known = pools_.find(name); known != pools_.end()) return known->second.get();
  http::Origin origin;
  TRY(origin.address, runtime::parse_address(gateway.hop));
  origin.credentials = own_;
  origin.identity = seal::render_identity({.network = options_.network,
                                           .kind = seal::Identity::Kind::gateway,
                                           .zone = zone,
                                           .id = gateway.id});
  return &pool(name, origin);
}

http::Pool& Connections::to_control(const runtime::Address& control) {
  http::Origin origin;
  origin.address = control;
  origin.credentials = own_;
  return pool("control " + runtime::to_string(control), origin);
}

http::Pool& Connections::to_meter(const runtime::Address& meter) {
  http::Origin origin;
  origin.address = meter;
  origin.credentials = own_;
  return pool("meter " + runtime::to_string(meter), origin);
}

runtime::Task<void> Connections::close() {
  for (auto& [name, pool] : pools_) co_await pool->close();
  pools_.clear();
}

}  // namespace portolan::gateway

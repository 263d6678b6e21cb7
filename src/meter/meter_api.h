#pragma once

#include <string>

#include "http/json_reply.h"
#include "http/server.h"
#include "meter/meter.h"
#include "meter/revoked_machines.h"
#include "seal/identity.h"

namespace portolan::meter {

// What the meter answers over mutual TLS: gateways post their records, control
// asks what is in the ledger. Everyone is who the certificate says.
//
// Lives on: the meter's shard.  Owner: the process's root task.
class MeterApi final : public http::Handler {
 public:
  MeterApi(runtime::Shard& shard, Meter& meter, RevokedMachines& revoked, std::string network)
      : meter_(meter), revoked_(revoked), network_(std::move(network)), ids_(shard, "mtr") {}

  runtime::Task<void> handle(http::Exchange& exchange) override;
  http::OwnedFields render_fault(const Fault& fault, std::string& body) override;

  // One line a route; a table in meter_api.cc.
  runtime::Task<Result<http::Reply>> take_records(http::Exchange& exchange, seal::Identity peer);
  runtime::Task<Result<http::Reply>> get_usage(http::Exchange& exchange, seal::Identity peer);
  runtime::Task<Result<http::Reply>> get_request(http::Exchange& exchange, seal::Identity peer);
  runtime::Task<Result<http::Reply>> get_gaps(http::Exchange& exchange, seal::Identity peer);
  runtime::Task<Result<http::Reply>> get_conflicts(http::Exchange& exchange, seal::Identity peer);
  runtime::Task<Result<http::Reply>> take_revoked(http::Exchange& exchange, seal::Identity peer);
  runtime::Task<Result<http::Reply>> healthz(http::Exchange& exchange, seal::Identity peer);

 private:
  runtime::Task<Result<http::Reply>> reply_to(http::Exchange& exchange, std::string request_id);
  Result<seal::Identity> peer_of(const http::Exchange& exchange) const;

  Meter& meter_;
  RevokedMachines& revoked_;
  std::string network_;
  http::RequestIds ids_;
};

}  // namespace portolan::meter

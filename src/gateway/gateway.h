#pragma once

#include <map>
#include <string>
#include <vector>

#include "gateway/connections.h"
#include "gateway/engine_board.h"
#include "gateway/knowledge.h"
#include "gateway/metrics.h"
#include "gateway/options.h"
#include "gateway/running_attempts.h"
#include "gateway/world_tally.h"
#include "policy/choose_zone.h"
#include "runtime/line_file.h"

namespace portolan::gateway {

class UsageLog;
class ZoneKey;

// What the requests of one gateway share: what it knows, whom it can reach, what
// it counts. The data plane's one object; serve() is what is done with it.
//
// Lives on: one shard, as everything in it.  Owner: run_gateway's frame.
class Gateway {
 public:
  Gateway(runtime::Shard& shard, const Options& options, Knowledge& knowledge,
          Connections& connections, ZoneKey& zone_key, runtime::LineFile& access_log,
          UsageLog& usage_log, std::uint64_t epoch);

  runtime::Shard& shard() { return shard_; }
  const Options& options() const { return options_; }
  Knowledge& knowledge() { return knowledge_; }
  Connections& connections() { return connections_; }
  ZoneKey& zone_key() { return zone_key_; }
  EngineBoard& engines() { return engines_; }
  Metrics& metrics() { return metrics_; }
  RunningAttempts& running() { return running_; }
  WorldTally& tally() { return tally_; }
  runtime::LineFile& access_log() { return access_log_; }
  UsageLog& usage_log() { return usage_log_; }

  // This gateway's zone in a World. Errors: no_world when the World does not have it.
  Result<ZoneIndex> here(const model::World& world) const;
  std::string region() const;

  // <gateway id>-<epoch>-<sequence>, hexadecimal; unique in the network for ever.
  std::string next_request_id();
  wire::HeldVersions held_versions() const;

  // Errors: bad_configuration, elsewhere: the World names a secret that this
  // gateway was not given.
  Result<std::string> secret_of(const model::Engine& engine) const;

  // To another gateway of the network. Errors: untrusted_peer, elsewhere, for one that was revoked;
  // bad_configuration.
  Result<http::Pool*> to_gateway(const std::string& zone, const model::GatewayAddress& gateway);
  // Whether this machine is itself one that was revoked.
  bool is_revoked() const;

  // What attempts have taught of other zones, by ZoneIndex of that World.
  std::vector<policy::ZoneHint> zone_hints(const model::World& world) const;
  void zone_failed(const std::string& zone);
  void zone_succeeded(const std::string& zone) { usable_from_.erase(zone); }

  // After each new View: the engines to probe, the attempts to cut.
  void follow_view();

  // An engine of this zone is healthy, and there is a World to serve it by.
  bool can_serve_here() const;

  bool draining = false;

 private:
  std::vector<model::Engine> engines_here(const model::World& world) const;

  runtime::Shard& shard_;
  const Options& options_;
  Knowledge& knowledge_;
  Connections& connections_;
  ZoneKey& zone_key_;
  runtime::LineFile& access_log_;
  UsageLog& usage_log_;
  std::uint64_t epoch_;
  std::uint64_t sequence_ = 0;
  EngineBoard engines_;
  Metrics metrics_;
  RunningAttempts running_;
  WorldTally tally_;
  std::map<std::string, Instant> usable_from_;
  std::string followed_;  // the World whose engines are known
};

}  // namespace portolan::gateway

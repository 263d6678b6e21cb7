#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "runtime/network.h"
#include "seal/ed25519.h"

namespace portolan::gateway {

// One gateway process, as `app` reads it from flags and files.
struct Options {
  std::string network;
  std::string id;  // unique in the network
  std::string zone;
  std::string data;      // folder of its own: last good documents, epoch
  seal::VerifyKey root;  // pinned

  std::vector<runtime::Address> controls;  // nearest first
  std::string control_identity;            // URI prefix of their certificates
  std::vector<runtime::Address> meters{};  // tried in order; none: usage stays in the log
  runtime::TlsMaterial tls;                // of this gateway, for hops, control and meters

  std::vector<runtime::ListenOptions> front_doors;
  runtime::Address hop;  // where other gateways send envelopes

  std::map<std::string, std::string> secrets;      // of engines, by name
  std::map<std::string, std::string> authorities;  // PEM bundles of engines' TLS, by name
  std::string access_log;                          // file; empty: <data>/access.log
  std::size_t connections_max = limits::connections_max.count();  // at each front door
  Duration drain_time = Duration::seconds(30);
};

}  // namespace portolan::gateway

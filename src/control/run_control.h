#pragma once

#include <functional>
#include <string>
#include <vector>

#include "control/joining.h"
#include "control/open_store.h"
#include "control/webhook_post.h"
#include "runtime/network.h"
#include "runtime/task.h"
#include "seal/signed_document.h"

namespace portolan::control {

inline constexpr Limit control_drain_ms{"control_drain_ms", 10'000,
                                        "a stopping control lets its answers go out"};

// What a control process is told at its start.
struct RunOptions {
  std::string network;
  std::uint64_t epoch = 0;                            // at least this; 0: as stored
  std::string data;                                   // folder of its own
  std::optional<store::EtcdMembers::Options> etcd{};  // keeps the state; nothing: SQLite in `data`
  Waves waves = Waves::at_once;
  std::string admin_key_file;  // where a first start writes the admin key; empty: it is told
  seal::Signer signer;
  runtime::TlsMaterial tls;
  runtime::Address admin;                       // plain HTTP on a loopback address, TLS elsewhere
  runtime::Address gateways;                    // mutual TLS
  std::vector<runtime::Address> meters{};       // tried in order; none: no ledger to ask
  std::optional<Joining::Authority> joining{};  // nothing: no machine can join by this control
  std::optional<WebhookPlace> webhook{};        // told of what regions offer; nothing: nobody is
};

// Where it listens by now, and what nobody is told again.
struct Ready {
  std::string admin_url;
  runtime::Address gateways;
  std::string admin_key;  // of a first start without admin_key_file
};

// A whole control process: opens the store, makes the admin key at its first
// start, serves until `stop` is notified, then drains. Errors: what kept it from
// starting; nothing is served then.
runtime::Task<Status> run_control(runtime::Shard& shard, RunOptions& options,
                                  std::function<void(const Ready&)> tell, runtime::Event& stop);

}  // namespace portolan::control

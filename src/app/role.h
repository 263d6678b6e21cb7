#pragma once

#include <csignal>
#include <iostream>
#include <optional>
#include <string_view>

#include "app/stop_on_signal.h"
#include "base/result.h"
#include "runtime/epoll_shard.h"
#include "runtime/gate.h"
#include "runtime/signals.h"
#include "runtime/tls_renewal.h"

namespace portolan::app {

template <typename Options, typename Serve>
runtime::Task<void> serve_until_signal(runtime::EpollShard& shard, runtime::Signals& signals,
                                       Options& options, Serve& serve, runtime::TlsFiles files,
                                       std::optional<Fault>& fault) {
  runtime::Event stop(shard);
  runtime::Gate waiting(shard, 2);
  waiting.start(stop_on_signal(shard, signals, stop));
  if (!files.certificate.empty()) waiting.start(follow_tls_files(shard, std::move(files)));
  const Status ended = co_await serve(shard, options, stop);
  if (!ended) fault = ended.error();
  co_await waiting.close();
}

// The life of a process that serves until SIGTERM or SIGINT.
//
// `read`: (EpollShard&) -> Result<Options>, at start; may block.
// `serve`: (EpollShard&, Options&, Event& stop) -> Task<Status>.
// `files`: of its certificate, which may be renewed meanwhile; empty: it has none.
// Returns the exit code; what went wrong is on standard error.
template <typename Read, typename Serve>
int run_role(std::string_view role, runtime::TlsFiles files, Read read, Serve serve) {
  runtime::EpollShard shard;
  runtime::Signals signals(shard, {SIGTERM, SIGINT});
  std::optional<Fault> fault;
  auto options = read(shard);
  if (options) {
    shard.run(serve_until_signal(shard, signals, *options, serve, std::move(files), fault));
  } else {
    fault = options.error();
  }
  if (!fault) return 0;
  std::cerr << "portolan " << role << ": " << fault->message << " (" << name_of(fault->code)
            << ")\n";
  return 1;
}

}  // namespace portolan::app

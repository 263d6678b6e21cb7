#include "gateway/engine_probe.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "dialect/engine_kind.h"
#include "gateway/load_history.h"
#include "runtime/combine.h"
#include "runtime/gate.h"
#include "runtime/wait.h"

namespace portolan::gateway {
namespace {

constexpr std::size_t probes_at_once_max = 4096;
constexpr std::size_t probes_in_a_row = 8;  // then requests have their turn

runtime::Task<void> probe(Gateway& gateway, model::Engine engine) {
  const auto pool = gateway.connections().to_engine(engine);
  if (!pool) {
    gateway.engines().probe_failed(engine.url);
    co_return;
  }
  const auto kind = dialect::engine_kind_named(engine.kind).value_or(dialect::EngineKind::openai);
  http::Request request;
  request.target = dialect::engine_target(engine, dialect::health_path(kind));
  const Instant deadline = gateway.shard().now() + limits::probe_timeout_ms.milliseconds();
  auto fetching = http::fetch(**pool, std::move(request), deadline);
  const auto answer = co_await runtime::until(gateway.shard(), deadline, std::move(fetching));
  if (!answer && answer.error().code == Code::cancelled) co_return;
  if (answer && answer->status == 200) {
    gateway.engines().probe_succeeded(engine.url);
  } else if (!answer && answer.error().code == Code::connection_refused) {
    gateway.engines().connection_failed(engine.url);
    gateway.engines().probe_failed(engine.url);
  } else {
    gateway.engines().probe_failed(engine.url);
  }
}

// Nothing while a probe has judged one of them not yet, as after a new World.
std::optional<world::EngineTally> tally_of(const EngineBoard& board) {
  world::EngineTally tally;
  for (const auto& [url, state] : board.engines()) {
    if (!state.healthy && state.probe_failures == 0) return std::nullopt;
    ++tally.total;
    if (state.healthy) ++tally.healthy;
  }
  return tally;
}

world::LoadSaid load_now(const EngineBoard& board, LoadHistory& history) {
  world::LoadSaid load;
  std::uint32_t in_flight = 0;
  for (const auto& [url, state] : board.engines()) {
    in_flight += state.in_flight;
    if (state.healthy) load.slots += state.engine.slots;
  }
  history.note(in_flight);
  load.busy_p95 = history.p95().value_or(0);
  return load;
}

// Every engine once, a row at a time, so that requests wait for one row and not for
// hundreds of probes. The interval has passed then.
runtime::Task<Status> probe_all(Gateway& gateway, runtime::Gate& probes) {
  std::vector<model::Engine> engines;
  for (const auto& [url, state] : gateway.engines().engines()) engines.push_back(state.engine);
  const std::size_t rows = engines.empty() ? 1 : (engines.size() - 1) / probes_in_a_row + 1;
  const Duration interval = limits::probe_interval_ms.milliseconds();
  const Duration pause = interval / static_cast<std::int64_t>(rows);
  std::size_t next = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t end = std::min(engines.size(), next + probes_in_a_row);
    for (; next < end; ++next) probes.start(probe(gateway, engines[next]));
    CO_TRY_DO(co_await runtime::sleep_for(gateway.shard(), pause));
  }
  co_return Status{};
}

}  // namespace

runtime::Task<void> probe_engines(Gateway& gateway, ControlFeed& feed) {
  LoadHistory history;
  runtime::Gate probes(gateway.shard(), probes_at_once_max);
  while (co_await probe_all(gateway, probes)) {
    feed.note_load(load_now(gateway.engines(), history));
    if (const auto tally = tally_of(gateway.engines())) feed.note_engines(*tally);
  }
  co_await probes.close();
}

}  // namespace portolan::gateway

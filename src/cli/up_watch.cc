#include "cli/up_watch.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "runtime/gate.h"
#include "wire/url.h"

namespace portolan::cli {
namespace {

constexpr Duration ask_timeout = Duration::seconds(1);

runtime::Task<Result<http::Answer>> get(http::Pool& pool, std::string target, Instant deadline) {
  http::Request request;
  request.target = std::move(target);
  auto answer = co_await http::fetch(pool, std::move(request), deadline);
  co_return answer;
}

runtime::Task<GatewaySample> take_sample(http::Pool& pool, Instant deadline) {
  const auto metrics = co_await get(pool, "/metrics", deadline);
  if (!metrics || metrics->status != 200) co_return GatewaySample{};
  GatewaySample sample = read_metrics(metrics->body);
  const auto readiness = co_await get(pool, "/readyz", deadline);
  if (!readiness) co_return sample;
  sample.ready = readiness->status == 200;
  sample.reason = readiness->body.substr(0, readiness->body.find('\n'));
  co_return sample;
}

}  // namespace

Watch::Watch(runtime::Shard& shard, const Plan& plan, const Supervisor& supervisor)
    : shard_(shard), supervisor_(supervisor) {
  for (const ZonePlan& zone : plan.zones) {
    const auto url = wire::parse_url(zone.gateway_url);
    check(url.has_value(), "a URL that we wrote cannot be read");
    Watched& watched = watched_.emplace_back();
    watched.zone = &zone;
    http::Origin origin;
    origin.address = {url->host, url->port};
    watched.pool = std::make_unique<http::Pool>(shard, std::move(origin));
  }
}

runtime::Task<void> Watch::ask(Watched& watched) {
  auto sample = co_await take_sample(*watched.pool, shard_.now() + ask_timeout);
  const Instant now = shard_.now();
  watched.samples = {.now = std::move(sample),
                     .before = std::move(watched.samples.now),
                     .between = now - watched.asked};
  watched.asked = now;
}

runtime::Task<void> Watch::ask_all() {
  constexpr bool well_ones_too = true;
  co_await ask_some(well_ones_too);
}

runtime::Task<void> Watch::ask_missing() {
  constexpr bool well_ones_too = false;
  co_await ask_some(well_ones_too);
}

runtime::Task<void> Watch::ask_some(bool well_ones_too) {
  runtime::Gate asking(shard_, watched_.size());
  for (Watched& watched : watched_) {
    if (well_ones_too || !row_of(watched).well) asking.start(ask(watched));
  }
  co_await asking.drain();
}

runtime::Task<void> Watch::close() {
  for (Watched& watched : watched_) co_await watched.pool->close();
}

ZoneRow Watch::row_of(const Watched& watched) const {
  const ZonePlan& zone = *watched.zone;
  return make_row({.zone = zone.name,
                   .runs = supervisor_.pid_of(zone.gateway) != 0,
                   .serves = zone.serves,
                   .region_serves = zone.region_serves,
                   .waits = zone.waits},
                  watched.samples);
}

std::vector<ZoneRow> Watch::rows() const {
  std::vector<ZoneRow> rows;
  for (const Watched& watched : watched_) rows.push_back(row_of(watched));
  return rows;
}

bool Watch::all_well() const { return std::ranges::all_of(rows(), &ZoneRow::well); }

std::string Watch::describe_missing() const {
  constexpr std::size_t named_max = 3;
  std::size_t missing = 0;
  std::string names;
  for (const Watched& watched : watched_) {
    const ZoneRow row = row_of(watched);
    if (row.well) continue;
    if (++missing > named_max) continue;
    const std::string& reason = watched.samples.now.reason;
    const bool says_why = row.state == "not ready" && !reason.empty();
    names += (missing > 1 ? ", " : "") + row.zone + " (" + (says_why ? reason : row.state) + ")";
  }
  if (missing > named_max) names += ", ...";
  return std::to_string(missing) + " of " + std::to_string(watched_.size()) + " zones: " + names;
}

}  // namespace portolan::cli

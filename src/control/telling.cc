#include "control/telling.h"

#include <algorithm>
#include <array>
#include <functional>

#include "control/rollout_watch.h"
#include "seal/text_encoding.h"

namespace portolan::control {
namespace {

constexpr std::size_t parts_max = 64;

std::string make_name(runtime::Shard& shard) {
  std::array<unsigned char, 8> chance{};
  shard.fill_secret(chance);
  return seal::render_hex(chance);
}

std::vector<std::string> near_gateways(const GatewayRecords& heard, WallTime date) {
  std::vector<std::string> near;
  for (const auto& [gateway, record] : heard.here()) {
    if (is_near(record, date)) near.push_back(gateway);
  }
  return near;
}

}  // namespace

runtime::Task<Status> Telling::look(Audience audience) {
  if (control_.empty()) control_ = make_name(shard_);
  CO_TRY_DO(co_await keep_lease());
  if (!audience.others) {
    if (!written_.empty()) co_return Status{};
    std::vector<std::string> nothing{render_told(network_, {})};
    auto shown = co_await write(std::move(nothing));
    co_return shown;
  }
  if (!is_due(audience)) co_return Status{};
  told_at_ = shard_.now();
  words_ = heard_.words();
  facts_ = heard_.facts();
  near_ = near_gateways(heard_, shard_.wall_now());
  auto parts = render_parts();
  const Status written = co_await write(std::move(parts));
  told_ = written.has_value();
  co_return written;
}

runtime::Task<Status> Telling::keep_lease() {
  const Duration ttl = told_lease_ms.milliseconds();
  if (lease_ != 0 && shard_.now() - kept_ < ttl / 4) co_return Status{};
  const Instant began = shard_.now();
  if (lease_ != 0) {
    const Status kept = co_await store_.keep_alive(lease_);
    if (kept) kept_ = began;
    if (kept || kept.error().code != Code::resource_not_found) co_return kept;
  }
  lease_ = 0;
  written_.clear();
  told_ = false;
  CO_TRY(lease_, co_await store_.grant_lease(ttl));
  kept_ = began;
  co_return Status{};
}

bool Telling::is_due(const Audience& audience) {
  if (!told_) return true;
  const Duration since = shard_.now() - told_at_;
  if (since < told_facts_ms.milliseconds()) return false;
  if (heard_.facts() != facts_ || near_gateways(heard_, shard_.wall_now()) != near_) return true;
  if (heard_.words() == words_) return false;
  const auto& pause = audience.soon ? told_counts_ms : told_idle_ms;
  return since >= pause.milliseconds();
}

std::vector<std::string> Telling::render_parts() {
  for (;; parts_ *= 2) {
    auto parts = render_parts(parts_);
    const bool fit = std::ranges::all_of(
        parts, [](const std::string& part) { return part.size() <= told_part_bytes_max.count(); });
    if (fit || parts_ >= parts_max) return parts;
  }
}

std::vector<std::string> Telling::render_parts(std::size_t count) const {
  std::vector<std::vector<ToldGateway>> gateways(count);
  const WallTime date = shard_.wall_now();
  for (const auto& [id, record] : heard_.here()) {
    const Duration silent = std::max(Duration(), date - record.seen);
    gateways[std::hash<std::string>()(id) % count].push_back(
        {.said = record.said, .polls = is_near(record, date), .silent = silent});
  }
  std::vector<std::string> parts;
  for (auto& some : gateways) parts.push_back(render_told(network_, std::move(some)));
  return parts;
}

// One after another, so that no request to the store is large.
runtime::Task<Status> Telling::write(std::vector<std::string> parts) {
  for (std::size_t at = 0; at < parts.size(); ++at) {
    const auto key = told_key(control_, at);
    if (const auto known = written_.find(key); known != written_.end()) {
      if (known->second == parts[at]) continue;
      written_.erase(known);
    }
    store::Transaction transaction;
    transaction.puts.push_back({.key = key, .value = parts[at], .lease = lease_});
    const auto revision = co_await store_.commit(std::move(transaction));
    if (!revision && revision.error().code == Code::resource_not_found) lease_ = 0;
    if (!revision) co_return revision.error();
    ++documents_written_;
    bytes_written_ += parts[at].size();
    written_[key] = std::move(parts[at]);
  }
  co_return Status{};
}

}  // namespace portolan::control

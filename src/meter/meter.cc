#include "meter/meter.h"

#include <fmt/format.h>

#include <utility>

#include "meter/read_batch.h"
#include "meter/usage_json.h"
#include "meter/usage_params.h"
#include "wire/url.h"

namespace portolan::meter {
namespace {

std::string range_of(const store::LedgerGap& gap) {
  const auto count = gap.last - gap.first + 1;
  const auto numbers = count == 1 ? fmt::format("number {} is", gap.first)
                                  : fmt::format("numbers {} to {} are", gap.first, gap.last);
  return fmt::format("gateway {}, epoch {}: {}", gap.gateway, gap.epoch, numbers);
}

wire::UsageTaken answer_of(const store::LedgerTaken& taken, std::uint64_t epoch) {
  wire::UsageTaken answer{
      .epoch = epoch, .through = taken.through, .known = taken.known, .missing = {}};
  for (const auto& gap : taken.missing) answer.missing.push_back({gap.epoch, gap.first, gap.last});
  return answer;
}

}  // namespace

void Meter::report(const store::LedgerTaken& taken, const std::string& gateway) {
  for (const auto& gap : taken.opened) {
    shard_.report(
        fmt::format("gap in the ledger: {} missing; 'portolan usage --gaps' shows what "
                    "still is",
                    range_of(gap)));
  }
  for (const auto& gap : taken.filled) {
    shard_.report(fmt::format("gap filled: {} there now", range_of(gap)));
  }
  if (taken.conflicts == 0) return;
  shard_.report(fmt::format(
      "conflict in the ledger: {} of gateway {} differ from what was "
      "recorded first and are not counted; 'portolan usage --conflicts' "
      "shows them",
      taken.conflicts == 1 ? std::string("1 record") : fmt::format("{} records", taken.conflicts),
      gateway));
}

runtime::Task<Result<wire::UsageTaken>> Meter::take(std::string body, seal::Identity peer) {
  CO_TRY(auto batch, read_batch(body, peer, shard_.wall_now()));
  const auto epoch = batch.epoch;
  CO_TRY(const auto taken, co_await ledger_.take(std::move(batch)));
  report(taken, peer.id);
  co_return answer_of(taken, epoch);
}

runtime::Task<Result<wire::Json>> Meter::usage(std::string text) {
  CO_TRY(auto query, parse_usage_params(text));
  CO_TRY(const auto page, co_await ledger_.query(query));
  CO_TRY(const auto status, co_await ledger_.status());
  co_return page_json(query, page, status_json(status, shard_.wall_now()));
}

runtime::Task<Result<wire::Json>> Meter::request(std::string query) {
  CO_TRY(const auto id, wire::find_parameter(query, "id"));
  if (!id || id->empty()) {
    co_return Fault{Code::invalid_parameter, Retry::never,
                    "Name the request: 'id' is the portolan-request-id of its answer."};
  }
  CO_TRY(const auto found, co_await ledger_.find_request(*id));
  co_return request_json(*id, found);
}

runtime::Task<Result<wire::Json>> Meter::gaps() {
  CO_TRY(const auto gaps, co_await ledger_.gaps());
  co_return gaps_json(gaps);
}

runtime::Task<Result<wire::Json>> Meter::conflicts() {
  CO_TRY(const auto conflicts, co_await ledger_.conflicts());
  co_return conflicts_json(conflicts);
}

runtime::Task<Status> Meter::report_state() {
  CO_TRY(const auto status, co_await ledger_.status());
  shard_.report(fmt::format(
      "the ledger has {} requests of {} gateways; {} records missing in {} "
      "gaps, {} conflicts",
      status.requests, status.gateways.size(), status.missing, status.gaps, status.conflicts));
  co_return Status{};
}

}  // namespace portolan::meter

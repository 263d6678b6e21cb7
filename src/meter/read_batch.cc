#include "meter/read_batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "seal/ed25519.h"
#include "wire/usage_record.h"

namespace portolan::meter {
namespace {

Fault malformed(std::size_t offset, std::string_view what) {
  return Fault{Code::malformed_peer, Retry::never,
               fmt::format("Byte {} of the posted records: {}. Nothing of the post was taken.",
                           offset, what)};
}

Fault foreign(const seal::Identity& peer, std::string_view what) {
  return Fault{Code::untrusted_peer, Retry::never,
               fmt::format("{}, but the certificate is {}. Nothing of the post was taken.", what,
                           seal::render_identity(peer))};
}

// A record that is there, as parsed. `offset` is where it stands in the body.
struct Parsed {
  std::uint64_t number = 0;
  wire::UsageBody body;
  std::string_view bytes;
};
Result<Parsed> parse_at(std::string_view body, std::size_t offset) {
  const auto read = wire::read_usage_record(body.substr(offset));
  if (!read) {
    if (read.error().code == Code::unsupported_version) return read.error();
    return malformed(offset, read.error().message);
  }
  if (!*read) return malformed(offset, "no record stands there");
  const wire::RawUsageRecord& record = **read;
  auto parsed = wire::parse_usage_body(record);
  if (!parsed) return malformed(offset, parsed.error().message);
  if (!*parsed) {
    return Fault{Code::unsupported_version, Retry::later,
                 fmt::format("Byte {} of the posted records: a kind of record that this meter does "
                             "not know. Run a meter that is as new as the gateway.",
                             offset)};
  }
  return Parsed{record.number, std::move(**parsed), record.bytes};
}

Status check_head(const wire::UsageSegment& head, const seal::Identity& peer) {
  if (head.network != peer.network || head.gateway != peer.id) {
    return foreign(peer, fmt::format("The records are of gateway '{}' in network '{}'",
                                     head.gateway, head.network));
  }
  if (head.epoch == 0 || head.epoch > store::ledger_number_max.value) {
    return malformed(0, fmt::format("{} is no epoch", head.epoch));
  }
  return {};
}

Status check_start(const wire::UsageStart& start, std::uint64_t epoch, std::size_t offset) {
  for (const auto& end : start.earlier) {
    if (end.epoch == 0 || end.epoch >= epoch || end.last > store::ledger_number_max.value) {
      return malformed(offset, fmt::format("a start of epoch {} tells of number {} in epoch {}",
                                           epoch, end.last, end.epoch));
    }
  }
  return {};
}

// A gateway speaks for itself alone: for requests that entered there and for
// what ran in its zone.
Status check_own(const wire::UsageBody& body, const seal::Identity& peer) {
  if (const auto* close = std::get_if<wire::UsageClose>(&body)) {
    const auto& request = close->request;
    if (request.request_id.starts_with(peer.id + "-") && request.entry_zone == peer.zone) return {};
    return foreign(peer, fmt::format("Request '{}' entered in zone '{}'", request.request_id,
                                     request.entry_zone));
  }
  if (const auto* exec = std::get_if<wire::UsageExec>(&body)) {
    if (exec->zone == peer.zone) return {};
    return foreign(
        peer, fmt::format("Request '{}' was executed in zone '{}'", exec->request_id, exec->zone));
  }
  return {};
}

Status check_record(const Parsed& parsed, std::uint64_t epoch, const seal::Identity& peer,
                    std::size_t offset) {
  if (parsed.number == 0 || parsed.number > store::ledger_number_max.value) {
    return malformed(offset, fmt::format("a record with the number {}", parsed.number));
  }
  if (const auto* start = std::get_if<wire::UsageStart>(&parsed.body)) {
    return check_start(*start, epoch, offset);
  }
  const bool numbered = std::holds_alternative<wire::UsageClose>(parsed.body) ||
                        std::holds_alternative<wire::UsageExec>(parsed.body);
  if (!numbered) return malformed(offset, "a record that stays in the gateway's log");
  return check_own(parsed.body, peer);
}

}  // namespace

Result<store::LedgerBatch> read_batch(std::string_view body, const seal::Identity& peer,
                                      WallTime now) {
  TRY(const auto first, parse_at(body, 0));
  const auto* head = std::get_if<wire::UsageSegment>(&first.body);
  if (head == nullptr) return malformed(0, "it does not begin with a segment's head");
  TRY_DO(check_head(*head, peer));
  store::LedgerBatch batch{
      .gateway = peer.id, .zone = peer.zone, .epoch = head->epoch, .received = now, .entries = {}};
  std::uint64_t last = 0;
  for (auto offset = first.bytes.size(); offset < body.size();) {
    TRY(auto parsed, parse_at(body, offset));
    TRY_DO(check_record(parsed, batch.epoch, peer, offset));
    if (parsed.number <= last) {
      return malformed(offset, fmt::format("number {} stands behind {}", parsed.number, last));
    }
    last = parsed.number;
    offset += parsed.bytes.size();
    batch.entries.push_back({.number = parsed.number,
                             .body = std::move(parsed.body),
                             .bytes = std::string(parsed.bytes),
                             .digest = seal::sha256_hex(parsed.bytes)});
  }
  return batch;
}

}  // namespace portolan::meter

#include "control/opening_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "seal/statement.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

using wire::Json;

constexpr std::string_view opening_kind = "opening";
constexpr std::size_t words_bytes_max = 2'000;  // of one sentence in a record that was cut

Fault malformed(std::string_view member, std::string_view why) {
  return Fault{Code::malformed_peer, Retry::never, fmt::format("'{}' {}.", member, why)};
}

Json date_json(const std::optional<WallTime>& date) {
  if (!date) return nullptr;
  return world::render_date(*date);
}

Json gate_json(const GateRecord& gate) {
  auto findings = Json::array();
  for (const auto& finding : gate.verdict.findings) {
    auto json = Json::object();
    json.set("subject", finding.subject);
    json.set("sentence", finding.sentence);
    findings.push(std::move(json));
  }
  auto evidence = Json::array();
  for (const auto& sentence : gate.verdict.evidence) evidence.push(sentence);
  auto json = Json::object();
  json.set("gate", model::name_of(gate.gate));
  json.set("state", gate_state_names[static_cast<std::size_t>(gate.state)]);
  json.set("tries", gate.tries);
  json.set("since", date_json(gate.since));
  json.set("asked", date_json(gate.asked));
  json.set("reason", gate.reason);
  json.set("findings", std::move(findings));
  json.set("evidence", std::move(evidence));
  return json;
}

Json share_json(const ShareRecord& share) {
  auto json = Json::object();
  json.set("percent", share.percent);
  json.set("began", world::render_date(share.began));
  json.set("ended", date_json(share.ended));
  json.set("requests", share.requests);
  json.set("errors", share.errors);
  json.set("refusals", share.refusals);
  json.set("verdict", share.verdict);
  return json;
}

Result<std::optional<WallTime>> read_date(const Json& json, std::string_view member) {
  const auto* found = json.find(member);
  if (found == nullptr) return malformed(member, "is missing");
  if (found->kind() == wire::JsonKind::null) return std::optional<WallTime>();
  const auto date = found->as_string() ? world::parse_date(*found->as_string()) : std::nullopt;
  if (!date) return malformed(member, "is no date");
  return date;
}

Result<WallTime> read_day(const Json& json, std::string_view member) {
  TRY(const auto date, read_date(json, member));
  if (!date) return malformed(member, "is no date");
  return *date;
}

Result<bool> read_flag(const Json& json, std::string_view member) {
  const auto* found = json.find(member);
  if (found == nullptr || found->as_bool() == nullptr) {
    return malformed(member, "is neither true nor false");
  }
  return *found->as_bool();
}

Result<const Json::Array*> read_array(const Json& json, std::string_view member) {
  const auto* found = json.find(member);
  if (found == nullptr || found->as_array() == nullptr) return malformed(member, "is no array");
  return found->as_array();
}

template <class Enum>
Result<Enum> read_choice(const Json& json, std::string_view member,
                         std::span<const std::string_view> names) {
  TRY(const auto text, seal::read_text(json, member));
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) return malformed(member, "has a value that is not known");
  return static_cast<Enum>(found - names.begin());
}

Result<GateVerdict> read_verdict(const Json& json) {
  GateVerdict verdict;
  TRY(const auto* findings, read_array(json, "findings"));
  for (const auto& each : *findings) {
    GateFinding finding;
    TRY(finding.subject, seal::read_text(each, "subject"));
    TRY(finding.sentence, seal::read_text(each, "sentence"));
    verdict.findings.push_back(std::move(finding));
  }
  TRY(const auto* evidence, read_array(json, "evidence"));
  for (const auto& each : *evidence) {
    if (each.as_string() == nullptr) return malformed("evidence", "holds what is no text");
    verdict.evidence.push_back(*each.as_string());
  }
  return verdict;
}

Result<GateRecord> read_gate(const Json& json) {
  GateRecord gate;
  TRY(gate.gate, read_choice<model::Gate>(json, "gate", model::gate_names));
  TRY(gate.state, read_choice<GateState>(json, "state", gate_state_names));
  TRY(gate.tries, seal::read_whole(json, "tries"));
  TRY(gate.since, read_date(json, "since"));
  TRY(gate.asked, read_date(json, "asked"));
  TRY(gate.reason, seal::read_text(json, "reason"));
  TRY(gate.verdict, read_verdict(json));
  return gate;
}

Result<ShareRecord> read_share(const Json& json) {
  ShareRecord share;
  TRY(const auto percent, seal::read_whole(json, "percent"));
  if (percent == 0 || percent > 100) return malformed("percent", "is not from 1 to 100");
  share.percent = static_cast<std::uint32_t>(percent);
  TRY(share.began, read_day(json, "began"));
  TRY(share.ended, read_date(json, "ended"));
  TRY(share.requests, seal::read_whole(json, "requests"));
  TRY(share.errors, seal::read_whole(json, "errors"));
  TRY(share.refusals, seal::read_whole(json, "refusals"));
  TRY(share.verdict, seal::read_text(json, "verdict"));
  return share;
}

Status read_lists(const Json& json, OpeningRecord& record) {
  TRY(const auto* gates, read_array(json, "gates"));
  for (const auto& each : *gates) {
    TRY(auto gate, read_gate(each));
    record.gates.push_back(std::move(gate));
  }
  const auto in_place = [&](std::size_t at) {
    return record.gates[at].gate == static_cast<model::Gate>(at);
  };
  bool all = record.gates.size() == model::gate_names.size();
  for (std::size_t i = 0; all && i < record.gates.size(); ++i) all = in_place(i);
  if (!all) return malformed("gates", "are not all gates in their order");
  TRY(const auto* shares, read_array(json, "shares"));
  for (const auto& each : *shares) {
    TRY(auto share, read_share(each));
    record.shares.push_back(std::move(share));
  }
  const bool shares_one = record.phase == OpeningPhase::sharing && record.shares.empty();
  if (shares_one) return malformed("shares", "has none, and it is sharing");
  return {};
}

// A sentence, cut where a letter ends.
void cut(std::string& text) {
  if (text.size() <= words_bytes_max) return;
  std::size_t end = words_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  text += "...";
}

// What is shown of each gate is at most so much.
void cut(GateVerdict& verdict, std::size_t lines_max) {
  for (auto& finding : verdict.findings) {
    cut(finding.subject);
    cut(finding.sentence);
  }
  for (auto& sentence : verdict.evidence) cut(sentence);
  if (verdict.findings.size() > lines_max) {
    const auto more = verdict.findings.size() - lines_max;
    verdict.findings.resize(lines_max);
    verdict.findings.push_back({"the rest", fmt::format("There are {} findings more.", more)});
  }
  if (verdict.evidence.size() > lines_max) {
    const auto more = verdict.evidence.size() - lines_max;
    verdict.evidence.resize(lines_max);
    verdict.evidence.push_back(fmt::format("There are {} sentences more.", more));
  }
}

}  // namespace

std::string opening_key(std::string_view name) { return fmt::format("{}{}", opening_prefix, name); }

std::vector<GateRecord> gates_to_ask(const model::Opening& opening) {
  std::vector<GateRecord> gates;
  for (std::size_t i = 0; i < model::gate_names.size(); ++i) {
    GateRecord gate{.gate = static_cast<model::Gate>(i)};
    const auto skipped =
        std::ranges::find(opening.skip, model::gate_names[i], &model::SkippedGate::gate);
    if (skipped != opening.skip.end()) {
      gate.state = GateState::skipped;
      gate.reason = skipped->reason;
    }
    gates.push_back(std::move(gate));
  }
  return gates;
}

wire::Json opening_json(const OpeningRecord& record) {
  auto gates = Json::array();
  for (const auto& gate : record.gates) gates.push(gate_json(gate));
  auto shares = Json::array();
  for (const auto& share : record.shares) shares.push(share_json(share));
  auto json = seal::make_statement(opening_kind);
  json.set("name", record.name);
  json.set("region", record.region);
  json.set("zone", record.zone);
  json.set("phase", opening_phase_names[static_cast<std::size_t>(record.phase)]);
  json.set("why", record.why);
  json.set("by", record.by);
  json.set("began", world::render_date(record.began));
  json.set("changed", world::render_date(record.changed));
  json.set("world", record.world);
  json.set("closing", record.closing);
  json.set("gates", std::move(gates));
  json.set("shares", std::move(shares));
  return json;
}

std::string render_opening(const OpeningRecord& record) {
  auto text = wire::render_canonical(opening_json(record));
  for (std::size_t lines_max = 64;
       text.size() > store::store_value_bytes_max.count() && lines_max > 0; lines_max /= 2) {
    OpeningRecord shorter = record;
    for (auto& gate : shorter.gates) cut(gate.verdict, lines_max);
    cut(shorter.why);
    text = wire::render_canonical(opening_json(shorter));
  }
  return text;
}

Result<OpeningRecord> parse_opening(std::string_view text) {
  TRY(const auto json, wire::parse_json(text, Code::malformed_peer));
  TRY_DO(seal::check_statement(json, opening_kind));
  OpeningRecord record;
  TRY(record.name, seal::read_text(json, "name"));
  TRY(record.region, seal::read_text(json, "region"));
  TRY(record.zone, seal::read_text(json, "zone"));
  TRY(record.phase, read_choice<OpeningPhase>(json, "phase", opening_phase_names));
  TRY(record.why, seal::read_text(json, "why"));
  TRY(record.by, seal::read_text(json, "by"));
  TRY(record.began, read_day(json, "began"));
  TRY(record.changed, read_day(json, "changed"));
  TRY(record.world, seal::read_whole(json, "world"));
  TRY(record.closing, read_flag(json, "closing"));
  TRY_DO(read_lists(json, record));
  return record;
}

}  // namespace portolan::control

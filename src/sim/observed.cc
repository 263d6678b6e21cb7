#include "sim/observed.h"

#include <algorithm>

#include "wire/json_value.h"

namespace portolan::sim {
namespace {

std::string text_in(const wire::Json& json, std::string_view name) {
  const wire::Json* found = json.find(name);
  return found != nullptr && found->as_string() != nullptr ? *found->as_string() : std::string();
}

std::int64_t number_in(const wire::Json& json, std::string_view name) {
  const wire::Json* found = json.find(name);
  return found == nullptr ? 0 : found->as_int64().value_or(0);
}

LogLine line_in(const wire::Json& json) {
  return {.request_id = text_in(json, "request_id"),
          .trace_id = text_in(json, "trace_id"),
          .code = text_in(json, "code"),
          .status = number_in(json, "status"),
          .executions = static_cast<std::uint64_t>(number_in(json, "executions")),
          .first_byte_out = json.find("ttft_ms") != nullptr,
          .world = text_in(json, "world"),
          .keyring = static_cast<std::uint64_t>(number_in(json, "keyring")),
          .restrictions = static_cast<std::uint64_t>(number_in(json, "restrictions"))};
}

// Lines that are none are counted.
std::vector<LogLine> read_log(std::string_view text, std::size_t& torn_lines) {
  std::vector<LogLine> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto json = wire::parse_json(text.substr(0, end))) {
      lines.push_back(line_in(*json));
    } else {
      ++torn_lines;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string file_of(virtual_time::VirtualShard& machine, const std::string& path) {
  const auto found = machine.disk().files().find(path);
  return found == machine.disk().files().end() ? std::string() : found->second;
}

void find_markers(virtual_time::VirtualShard& machine, Observed& observed) {
  for (const auto& [path, bytes] : machine.disk().files()) {
    if (!markers_in(bytes).empty()) {
      observed.files_with_markers.push_back(machine.name() + ":" + path);
    }
  }
}

void check_process(const Process& process, const std::string& name, Observed& observed) {
  if (process.running()) observed.problems.push_back(name + " still runs");
  if (!process.outcome()) {
    observed.problems.push_back(name + " ended: " + process.outcome().error().message);
  }
}

bool plan_has(const FaultPlan& plan, FaultStep::Kind kind, std::size_t zone) {
  return std::ranges::any_of(plan.steps, [kind, zone](const FaultStep& step) {
    return step.zone == zone && step.kind == kind;
  });
}

}  // namespace

void observe_end(Network& network, FaultPlay& play, Observed& observed) {
  observed.atlas = network.atlas();
  observed.by_chance = play.plan().by_chance;
  observed.revoked_from = play.revoked_from();
  observed.revoked_at = play.revoked_at();
  observed.weather = play.weather();
  observed.clocks = play.clocks();
  observed.published = play.published();
  observed.trace = network.universe().trace();
  check_process(network.control(), "control", observed);
  find_markers(network.control_machine(), observed);
  for (std::size_t at = 0; at < network.zone_count(); ++at) {
    const ZoneSite& site = network.zone(at);
    check_process(*site.gateway, site.options.id, observed);
    check_process(*site.engine, engine_name(at), observed);
    find_markers(*site.gateway_machine, observed);
    read_usage(gateway_name(at), site.gateway_machine->disk().files(), observed.usage);
    ZoneRecord record;
    record.log = read_log(file_of(*site.gateway_machine, site.options.access_log),
                          record.torn_lines);
    record.engine_record = file_of(*site.engine_machine, "/engine/record");
    record.gateway_kills = site.gateway->kills();
    record.disk_refused = plan_has(play.plan(), FaultStep::Kind::trouble_disk, at);
    record.disk_was_harmed =
        record.disk_refused || plan_has(play.plan(), FaultStep::Kind::cut_power, at);
    record.documents_were_lost =
        record.disk_was_harmed || plan_has(play.plan(), FaultStep::Kind::roll_back_disk, at);
    observed.zones.push_back(std::move(record));
  }
}

const LogLine* Observed::line_of(const Sighting& seen) const {
  const auto& log = zones[seen.asked.gateway].log;
  const auto found = std::ranges::find(log, trace_id_of(seen.asked.number), &LogLine::trace_id);
  return found == log.end() ? nullptr : &*found;
}

}  // namespace portolan::sim

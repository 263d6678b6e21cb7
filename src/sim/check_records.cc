#include "sim/check_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "base/limits.h"
#include "sim/sentence.h"
#include "wire/json_value.h"

namespace portolan::sim {
namespace {

using Problems = std::vector<std::string>;

std::string field_of(const wire::Json& record, std::string_view name) {
  const wire::Json* fields = record.find("fields");
  if (fields == nullptr || fields->as_array() == nullptr) return {};
  for (const wire::Json& field : *fields->as_array()) {
    const auto& pair = *field.as_array();
    if (*pair[0].as_string() == name) return *pair[1].as_string();
  }
  return {};
}

bool is_post(const wire::Json& record) {
  const wire::Json* method = record.find("method");
  return method != nullptr && method->as_string() != nullptr && *method->as_string() == "POST";
}

void check_executions(const Observed& observed, Problems& problems) {
  std::map<std::string, std::uint64_t> executions;
  for (const ZoneRecord& zone : observed.zones) {
    std::string_view text = zone.engine_record;
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      const auto record = wire::parse_json(text.substr(0, end));
      if (record && is_post(*record)) ++executions[field_of(*record, "portolan-request-id")];
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  for (const auto& [id, times] : executions) {
    if (times > limits::executions_max.value) {
      problems.push_back(fmt::format("{} was executed {} times", id, times));
    }
  }
}

void check_answer(const Observed& observed, const Sighting& seen, Problems& problems) {
  const ZoneRecord& zone = observed.zones[seen.asked.gateway];
  if (seen.request_id.empty() || zone.gateway_kills > 0 || zone.disk_was_harmed) return;
  const auto line = std::ranges::find(zone.log, seen.request_id, &LogLine::request_id);
  if (line == zone.log.end() || line->status != seen.status) {
    problems.push_back(say(seen, "the log does not say so of " + seen.request_id));
  }
}

void check_log(const Observed& observed, std::size_t at, std::size_t asked, Problems& problems) {
  const ZoneRecord& zone = observed.zones[at];
  std::map<std::string, std::size_t> lines;
  for (const LogLine& line : zone.log) ++lines[line.request_id];
  for (const auto& [id, times] : lines) {
    if (times != 1) problems.push_back(fmt::format("{} is logged {} times", id, times));
  }
  const bool exact = observed.mood == Mood::quiet;
  if (lines.size() > asked || (exact && lines.size() != asked)) {
    problems.push_back(fmt::format("{} was asked {} requests and logged {}", gateway_name(at),
                                   asked, lines.size()));
  }
  if (zone.torn_lines > 0 && !zone.disk_was_harmed) {
    problems.push_back(fmt::format("{} lines of the log of {} are none", zone.torn_lines,
                                   gateway_name(at)));
  }
}

}  // namespace

void check_records(const Observed& observed, Problems& problems) {
  check_executions(observed, problems);
  std::vector<std::size_t> asked(observed.zones.size());
  for (const auto* sightings : {&observed.sightings, &observed.after_recovery}) {
    for (const Sighting& seen : *sightings) {
      ++asked[seen.asked.gateway];
      check_answer(observed, seen, problems);
    }
  }
  for (std::size_t zone = 0; zone < observed.zones.size(); ++zone) {
    check_log(observed, zone, asked[zone], problems);
  }
}

}  // namespace portolan::sim

#include "sim/check_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "base/limits.h"
#include "wire/json_value.h"

namespace portolan::sim {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string string_of(const wire::Json& json, std::string_view name) {
  const wire::Json* found = json.find(name);
  return found != nullptr && found->as_string() != nullptr ? *found->as_string() : std::string();
}

std::string field_of(const wire::Json& record, std::string_view name) {
  const wire::Json* fields = record.find("fields");
  if (fields == nullptr || fields->as_array() == nullptr) return {};
  for (const wire::Json& field : *fields->as_array()) {
    const auto& pair = *field.as_array();
    if (*pair[0].as_string() == name) return *pair[1].as_string();
  }
  return {};
}

// Which request an execution is of: its trace.
const Sighting* sighting_of(const std::string& traceparent, const Observed& observed) {
  for (const auto* sightings : {&observed.sightings, &observed.after_recovery}) {
    for (const Sighting& seen : *sightings) {
      if (traceparent.find(trace_id_of(seen.asked.number)) != traceparent.npos) return &seen;
    }
  }
  return nullptr;
}

bool may_run_in(const Sighting& seen, std::size_t zone) {
  if (seen.asked.workspace == "only-a") return zone == 0;
  if (seen.asked.workspace == "only-b") return zone == 1 && seen.asked.gateway == 1;
  return true;
}

void check_executions(const Observed& observed, std::vector<std::string>& problems) {
  std::map<std::string, std::uint64_t> executions;
  for (std::size_t zone = 0; zone < zone_count; ++zone) {
    for (const std::string_view line : lines_of(observed.zones[zone].engine_record)) {
      const auto record = wire::parse_json(line);
      if (!record || string_of(*record, "method") != "POST") continue;
      ++executions[field_of(*record, "portolan-request-id")];
      const Sighting* seen = sighting_of(field_of(*record, "traceparent"), observed);
      if (seen == nullptr || !may_run_in(*seen, zone)) {
        problems.push_back(fmt::format("{} executed request {} of {}", zone_names[zone],
                                       seen == nullptr ? 0 : seen->asked.number,
                                       seen == nullptr ? "nobody" : seen->asked.workspace));
      }
    }
  }
  for (const auto& [id, times] : executions) {
    if (times > limits::executions_max.value) {
      problems.push_back(fmt::format("{} was executed {} times", id, times));
    }
  }
}

struct LogLine {
  std::size_t times = 0;
  std::int64_t status = 0;
};

std::map<std::string, LogLine> read_log(const ZoneRecord& zone,
                                        std::vector<std::string>& problems) {
  std::map<std::string, LogLine> log;
  for (const std::string_view line : lines_of(zone.access_log)) {
    const auto json = wire::parse_json(line);
    if (!json) {
      problems.push_back(fmt::format("a line of the access log is none: {}", line));
      continue;
    }
    const wire::Json* status = json->find("status");
    LogLine& entry = log[string_of(*json, "request_id")];
    ++entry.times;
    entry.status = status == nullptr ? 0 : status->as_int64().value_or(0);
  }
  return log;
}

void check_logs(const Observed& observed, std::vector<std::string>& problems) {
  for (std::size_t zone = 0; zone < zone_count; ++zone) {
    const auto log = read_log(observed.zones[zone], problems);
    for (const auto& [id, line] : log) {
      if (line.times != 1) problems.push_back(fmt::format("{} is logged {} times", id, line.times));
    }
    std::size_t asked = 0;
    for (const auto* sightings : {&observed.sightings, &observed.after_recovery}) {
      for (const Sighting& seen : *sightings) {
        if (seen.asked.gateway != zone) continue;
        ++asked;
        if (seen.request_id.empty() || observed.zones[zone].gateway_kills > 0) continue;
        const auto line = log.find(seen.request_id);
        if (line == log.end() || line->second.status != seen.status) {
          problems.push_back(
              fmt::format("request {} was answered {} as {}, which the log of {} "
                          "does not say",
                          seen.asked.number, seen.status, seen.request_id, zone_names[zone]));
        }
      }
    }
    const bool exact = observed.mood == Mood::quiet;
    if (log.size() > asked || (exact && log.size() != asked)) {
      problems.push_back(fmt::format("{} was asked {} requests and logged {}", zone_names[zone],
                                     asked, log.size()));
    }
  }
}

}  // namespace

void check_records(const Observed& observed, std::vector<std::string>& problems) {
  check_executions(observed, problems);
  check_logs(observed, problems);
}

}  // namespace portolan::sim

#include "sim/check_served.h"

#include "base/limits.h"
#include "sim/judge.h"
#include "sim/sentence.h"
#include "wire/json_value.h"

namespace portolan::sim {
namespace {

std::string code_of(const std::string& body) {
  const auto json = wire::parse_json(body);
  const wire::Json* error = json ? json->find("error") : nullptr;
  const wire::Json* code = error == nullptr ? nullptr : error->find("code");
  return code == nullptr || code->as_string() == nullptr ? std::string() : *code->as_string();
}

// Its line went with the machine's power: what only the log tells is not known.
bool lost_its_line(const Observed& observed, const Sighting& seen) {
  return observed.line_of(seen) == nullptr && observed.zones[seen.asked.gateway].disk_was_harmed;
}

bool is_excused(const Observed& observed, const Sighting& seen) {
  const std::string code = code_of(seen.body);
  const LogLine* line = observed.line_of(seen);
  if (code == "attempts_exhausted") {
    return line == nullptr ? lost_its_line(observed, seen)
                           : line->executions >= limits::executions_max.value;
  }
  return code == "deadline_exceeded" && seen.ended - seen.began >= request_deadline;
}

}  // namespace

void check_served(const Observed& observed, std::vector<std::string>& problems) {
  const Judge judge(observed);
  for (const Sighting& seen : observed.sightings) {
    if (!judge.is_owed(seen)) continue;
    if (seen.status == 200 && seen.end == Sighting::End::whole) continue;
    const bool harmed = judge.some_zone_was_harmed(seen);
    const LogLine* line = observed.line_of(seen);
    // A reset overtakes what the network holds up: the first byte was out then.
    const bool first_byte_out = seen.status == 200 || lost_its_line(observed, seen) ||
                                (line != nullptr && line->first_byte_out);
    if (harmed && seen.asked.stream && seen.end == Sighting::End::broken && first_byte_out) continue;
    if (harmed && is_excused(observed, seen)) continue;
    problems.push_back(say(seen, "P3: a zone of its scope lived: " + seen.body));
  }
}

}  // namespace portolan::sim

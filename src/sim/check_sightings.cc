#include "sim/check_sightings.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/check_records.h"
#include "sim/check_scope.h"
#include "sim/check_served.h"
#include "sim/check_usage.h"
#include "sim/check_versions.h"
#include "sim/scenario_times.h"
#include "sim/sentence.h"
#include "virtual/virtual_shard.h"
#include "wire/json_value.h"

namespace portolan::sim {
namespace {

using End = Sighting::End;
using Problems = std::vector<std::string>;

bool is_error_body(const std::string& body) {
  const auto json = wire::parse_json(body);
  const wire::Json* error = json ? json->find("error") : nullptr;
  const wire::Json* code = error == nullptr ? nullptr : error->find("code");
  return code != nullptr && code->as_string() != nullptr;
}

void check_end(const Sighting& seen, Problems& problems) {
  const Duration took = seen.ended - seen.began;
  // What ends the wait may be a few turns late, never more.
  if (took > request_deadline + patience_margin + Duration::milliseconds(1)) {
    problems.push_back(say(seen, fmt::format("took {} s", took.seconds())));
  }
  if (seen.end != End::whole) return;
  if (seen.status != 200) {
    if (!is_error_body(seen.body)) problems.push_back(say(seen, "no error body: " + seen.body));
    return;
  }
  const auto text = text_of(seen);
  if (!text) {
    problems.push_back(say(seen, "ended cleanly without being whole: " + seen.body));
  } else if (const auto expected = expected_text(seen.asked); *text != expected) {
    problems.push_back(say(seen, fmt::format("says '{}', not '{}'", *text, expected)));
  }
}

void check_revoked(const Observed& observed, const Sighting& seen, Problems& problems) {
  if (observed.mood == Mood::stormy || seen.end == End::left) return;
  if (seen.asked.key != observed.spare_key || !observed.revoked_at) return;
  if (seen.began > *observed.revoked_at + recovery_time && seen.status != 401) {
    problems.push_back(say(seen, "its key was revoked more than 5 s before"));
  }
}

// The network is whole: every World is out, and every date of a rule gone by.
void check_recovered(const Observed& observed, const Sighting& seen, Problems& problems) {
  const Oracle oracle(observed.atlas, observed.published.back().edition);
  const WallTime date = virtual_time::first_day + (seen.ended - Instant{});
  bool may = false;
  for (std::size_t zone = 0; zone < observed.atlas.zones.size(); ++zone) {
    may = may || oracle.allows(seen.asked.question, zone, date);
  }
  if (!may || !oracle.lets_in(seen.asked.question, seen.asked.gateway, date)) {
    if (seen.status != 403) problems.push_back(say(seen, "is to be refused at this front door"));
  } else if (seen.status != 200 || seen.end != End::whole) {
    problems.push_back(say(seen, "when all was well again: " + seen.body));
  }
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Whose connection was lost cannot be told anything.
void check_silence(const Observed& observed, Problems& problems) {
  std::size_t silent = 0;
  for (const Sighting& seen : observed.sightings) {
    const std::string entry = gateway_name(seen.asked.gateway);
    const bool fair = observed.weather.fair_between("client", entry, seen.began, seen.ended);
    if (seen.end == End::silent && fair) ++silent;
  }
  const std::size_t lost = count_of(observed.trace, " client connect_lost") +
                           count_of(observed.trace, " client connection_lost") +
                           count_of(observed.trace, " connection_lost from client");
  if (silent > lost) {
    problems.push_back(fmt::format(
        "{} requests were left without a word; {} connections of clients were lost", silent, lost));
  }
}

}  // namespace

std::vector<std::string> check_observed(const Observed& observed) {
  Problems problems = observed.problems;
  for (const Sighting& seen : observed.sightings) {
    check_end(seen, problems);
    check_revoked(observed, seen, problems);
  }
  for (const Sighting& seen : observed.after_recovery) {
    check_end(seen, problems);
    check_recovered(observed, seen, problems);
  }
  check_silence(observed, problems);
  check_scope(observed, problems);
  check_served(observed, problems);
  check_records(observed, problems);
  check_versions(observed, problems);
  check_usage(observed, problems);
  return problems;
}

}  // namespace portolan::sim

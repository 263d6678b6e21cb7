#include "sim/check_sightings.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/check_records.h"
#include "wire/json_value.h"

namespace portolan::sim {
namespace {

using End = Sighting::End;

class Checking {
 public:
  explicit Checking(const Observed& observed) : observed_(observed), problems_(observed.problems) {}

  void check_one(const Sighting& seen);
  void check_calm(const Sighting& seen);
  void check_recovered(const Sighting& seen);
  void check_silence();
  std::vector<std::string> take_problems() { return std::move(problems_); }

 private:
  void report(const Sighting& seen, std::string_view sentence) {
    problems_.push_back(fmt::format("request {} ({}, {} at {}, {} {}): {}", seen.asked.number,
                                    seen.asked.workspace, seen.asked.stream ? "stream" : "whole",
                                    zone_names[seen.asked.gateway], seen.status, name_of(seen.end),
                                    sentence));
  }
  bool revoked_by(const Sighting& seen, Duration after) const {
    return seen.asked.key == observed_.spare_key && observed_.revoked_at &&
           seen.began > *observed_.revoked_at + after;
  }

  bool first_byte_was_out(const Sighting& seen) const {
    const std::string& log = observed_.zones[seen.asked.gateway].access_log;
    const auto trace = log.find(trace_id_of(seen.asked.number));
    if (trace == log.npos) return false;
    const auto line = std::string_view(log).substr(trace, log.find('\n', trace) - trace);
    return line.find("\"ttft_ms\":") != line.npos;
  }

  const Observed& observed_;
  std::vector<std::string> problems_;
};

// Only zone-b's scope keeps other front doors out.
bool may_enter(const Sighting& seen) {
  return seen.asked.workspace != "only-b" || seen.asked.gateway == 1;
}

bool is_error_body(const std::string& body) {
  const auto json = wire::parse_json(body);
  const wire::Json* error = json ? json->find("error") : nullptr;
  const wire::Json* code = error == nullptr ? nullptr : error->find("code");
  return code != nullptr && code->as_string() != nullptr;
}

void Checking::check_one(const Sighting& seen) {
  const Duration took = seen.ended - seen.began;
  // What ends the wait may be a few turns late, never more.
  if (took > request_deadline + patience_margin + Duration::milliseconds(1)) {
    report(seen, fmt::format("took {} s", took.seconds()));
  }
  if (!may_enter(seen) && seen.status == 200) report(seen, "was let in outside of its scope");
  if (seen.end != End::whole) return;
  if (seen.status != 200) {
    if (!is_error_body(seen.body)) report(seen, "has no error body: " + seen.body);
    return;
  }
  const auto text = text_of(seen);
  if (!text) {
    report(seen, "ended cleanly without being whole: " + seen.body);
  } else if (const auto expected = expected_text(seen.asked, observed_.engine_seed);
             *text != expected) {
    report(seen, fmt::format("says '{}', the engine says '{}'", *text, expected));
  }
}

void Checking::check_calm(const Sighting& seen) {
  if (observed_.mood == Mood::stormy || seen.end == End::left) return;
  const bool zone_b_may = seen.asked.workspace != "only-a" && may_enter(seen);
  if (revoked_by(seen, Duration::seconds(5))) {
    if (seen.status != 401) report(seen, "its key was revoked more than 5 s before");
    return;
  }
  // A reset overtakes what the network holds up: the first byte was out then.
  if (seen.asked.stream && seen.end == End::broken && first_byte_was_out(seen)) return;
  const bool perhaps_revoked = observed_.revoked_at && seen.asked.key == observed_.spare_key;
  if (zone_b_may && seen.status != 200 && !(perhaps_revoked && seen.status == 401)) {
    report(seen, "zone-b lives and was allowed: " + seen.body);
  }
  if (zone_b_may && seen.end != End::whole && !seen.asked.stream) {
    report(seen, "an answer that is no stream can be had again, and was broken off");
  }
  if (observed_.mood == Mood::quiet && seen.end != End::whole) report(seen, "nothing went wrong");
}

void Checking::check_recovered(const Sighting& seen) {
  if (!may_enter(seen)) {
    if (seen.status != 403) report(seen, "is to be refused at this front door");
  } else if (seen.status != 200 || seen.end != End::whole) {
    report(seen, "when all was well again: " + seen.body);
  }
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Whose connection was lost cannot be told anything.
void Checking::check_silence() {
  const auto silent = static_cast<std::size_t>(
      std::ranges::count(observed_.sightings, End::silent, &Sighting::end));
  const std::size_t lost = count_of(observed_.trace, " client connect_lost") +
                           count_of(observed_.trace, " client connection_lost") +
                           count_of(observed_.trace, " connection_lost from client");
  if (silent > lost) {
    problems_.push_back(fmt::format(
        "{} requests were left without a word; {} connections of clients were lost", silent, lost));
  }
}

}  // namespace

std::vector<std::string> check_observed(const Observed& observed) {
  Checking checking(observed);
  for (const Sighting& seen : observed.sightings) {
    checking.check_one(seen);
    checking.check_calm(seen);
  }
  for (const Sighting& seen : observed.after_recovery) {
    checking.check_one(seen);
    checking.check_recovered(seen);
  }
  checking.check_silence();
  auto problems = checking.take_problems();
  check_records(observed, problems);
  return problems;
}

}  // namespace portolan::sim

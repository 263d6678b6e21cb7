#include "sim/check_usage.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/sentence.h"

namespace portolan::sim {
namespace {

// A stream's tokens that may be missing in the record of one that was cut off.
constexpr std::uint64_t tokens_lost_max = 64;

// A request's id begins with its entry: gateway-b-1-5.
std::size_t zone_of(const std::string& request_id) {
  return static_cast<std::size_t>(request_id[std::string_view("gateway-").size()] - 'a');
}

// Tokens in the events that the client has. Each event has one word.
std::uint64_t tokens_got(const Sighting& seen) {
  constexpr std::string_view event = "\"content\":\"";
  std::uint64_t tokens = 0;
  const std::string& body = seen.body;
  for (auto at = body.find(event); at != body.npos; at = body.find(event, at + 1)) {
    if (body[at + event.size()] != '"') ++tokens;
  }
  return tokens;
}

void check_counts(const Sighting& seen, const wire::UsageClose& close,
                  std::vector<std::string>& problems) {
  const std::uint64_t counted = close.counts.completion.value;
  const bool whole = seen.status == 200 && seen.end == Sighting::End::whole;
  if (whole && (close.outcome != wire::outcome_completed || counted != seen.asked.tokens)) {
    problems.push_back(say(seen, fmt::format("P4: its record says {} of {} tokens, {}", counted,
                                             seen.asked.tokens, close.outcome)));
  }
  const std::uint64_t got = seen.asked.stream ? tokens_got(seen) : 0;
  if (counted > seen.asked.tokens || counted + tokens_lost_max < got) {
    problems.push_back(
        say(seen, fmt::format("P4: its record says {} tokens, the client has {} of {}", counted,
                              got, seen.asked.tokens)));
  }
}

void check_request(const Observed& observed, const Sighting& seen,
                   std::vector<std::string>& problems) {
  if (observed.zones[seen.asked.gateway].disk_was_harmed || seen.request_id.empty()) return;
  const auto closes = observed.usage.closes.find(seen.request_id);
  if (closes != observed.usage.closes.end()) {
    check_counts(seen, closes->second.front(), problems);
  } else if (seen.status == 200) {
    problems.push_back(say(seen, "P4: was answered, and left no record"));
  }
}

void check_numbers(const std::string& gateway, const UsageRead::Numbers& epochs,
                   std::vector<std::string>& problems) {
  for (const auto& [epoch, numbers] : epochs) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (numbers[i] == i + 1) continue;
      problems.push_back(fmt::format("P4: record {} of {} in epoch {} has the number {}", i + 1,
                                     gateway, epoch, numbers[i]));
      break;
    }
  }
}

}  // namespace

void check_usage(const Observed& observed, std::vector<std::string>& problems) {
  for (const auto* sightings : {&observed.sightings, &observed.after_recovery}) {
    for (const Sighting& seen : *sightings) check_request(observed, seen, problems);
  }
  for (const auto& [id, closes] : observed.usage.closes) {
    if (closes.size() != 1) {
      problems.push_back(fmt::format("P4: {} left {} records", id, closes.size()));
    }
  }
  for (const auto& [id, opens] : observed.usage.opens) {
    if (!observed.usage.closes.contains(id) && !observed.zones[zone_of(id)].disk_refused) {
      problems.push_back(fmt::format("P4: {} was let in and left no record", id));
    }
    if (opens != 1) problems.push_back(fmt::format("P4: {} was let in {} times", id, opens));
  }
  for (std::size_t zone = 0; zone < observed.zones.size(); ++zone) {
    const auto numbers = observed.usage.numbers.find(gateway_name(zone));
    if (numbers == observed.usage.numbers.end()) {
      problems.push_back("P4: no usage log of " + gateway_name(zone));
    } else if (!observed.zones[zone].disk_was_harmed) {
      check_numbers(gateway_name(zone), numbers->second, problems);
    }
  }
}

}  // namespace portolan::sim

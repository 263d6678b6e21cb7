#include "sim/check_scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "sim/judge.h"
#include "sim/sentence.h"

namespace portolan::sim {
namespace {

// From the mask to the machine that it let the request go to: a connection is
// made, and a delivery may be late.
constexpr Duration decided_before = Duration::seconds(2);

std::map<std::size_t, const Sighting*> by_number(const Observed& observed) {
  std::map<std::size_t, const Sighting*> requests;
  for (const auto* sightings : {&observed.sightings, &observed.after_recovery}) {
    for (const Sighting& seen : *sightings) requests[seen.asked.number] = &seen;
  }
  return requests;
}

// The zone whose gateway, or engine, that machine is.
std::optional<std::size_t> zone_of(const std::string& machine, std::string_view kind) {
  if (!machine.starts_with(kind)) return std::nullopt;
  return static_cast<std::size_t>(machine.back() - 'a');
}

class ScopeCheck {
 public:
  ScopeCheck(const Observed& observed, std::vector<std::string>& problems)
      : observed_(observed), judge_(observed), problems_(problems) {}

  void check(const Sighting& request, const MarkerSeen& seen) {
    if (seen.to == "client") return;
    const std::string entry = gateway_name(request.asked.gateway);
    const auto engine = zone_of(seen.to, "engine-");
    const auto gateway = zone_of(seen.to, "gateway-");
    if (engine && seen.from == gateway_name(*engine)) {
      // Of a zone that is the entry's too, one gateway has asked both masks.
      const bool sent = gateway_name(*engine) != entry ||
                        judge_.could_send(request, *engine, since(request, seen), seen.at);
      if (!sent || !judge_.could_run(request, *engine, since(request, seen), seen.at)) {
        report(request, seen);
      }
    } else if (gateway && seen.from == entry && seen.to != entry) {
      if (!judge_.could_send(request, *gateway, since(request, seen), seen.at)) {
        report(request, seen);
      }
    } else if (gateway && (seen.from == "client" || zone_of(seen.from, "gateway-"))) {
      if (seen.to != entry) report(request, seen);
    } else if (!gateway || zone_of(seen.from, "engine-") != gateway) {
      report(request, seen);
    }
  }

 private:
  // A way that was harmed may have held it up since the request began.
  Instant since(const Sighting& request, const MarkerSeen& seen) const {
    const std::string entry = gateway_name(request.asked.gateway);
    const bool prompt = !observed_.by_chance &&
                        observed_.weather.fair_between(entry, seen.from, request.began, seen.at) &&
                        observed_.weather.fair_between(seen.from, seen.to, request.began, seen.at);
    return prompt ? std::max(request.began, seen.at - decided_before) : request.began;
  }

  void report(const Sighting& request, const MarkerSeen& seen) {
    problems_.push_back(say(request, fmt::format("P1: its marker went from {} to {} at {:.3f} s",
                                                 seen.from, seen.to,
                                                 (seen.at - Instant{}).seconds())));
  }

  const Observed& observed_;
  Judge judge_;
  std::vector<std::string>& problems_;
};

}  // namespace

void check_scope(const Observed& observed, std::vector<std::string>& problems) {
  const auto requests = by_number(observed);
  ScopeCheck checking(observed, problems);
  std::set<std::size_t> executed;
  for (const MarkerSeen& seen : observed.markers) {
    const auto request = requests.find(seen.number);
    if (request == requests.end()) continue;  // its client's machine is of no interest any more
    checking.check(*request->second, seen);
    if (seen.to.starts_with("engine-")) executed.insert(seen.number);
  }
  for (const auto& [number, request] : requests) {
    if (request->status == 200 && !executed.contains(number)) {
      problems.push_back(say(*request, "P1: was answered, and no engine saw its marker"));
    }
  }
  for (const std::string& file : observed.files_with_markers) {
    problems.push_back("P1: a marker stands in " + file);
  }
}

}  // namespace portolan::sim

#include "sim/check_versions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>

namespace portolan::sim {
namespace {

// <gateway id>-<epoch>-<sequence>, hexadecimal.
std::tuple<std::uint64_t, std::uint64_t> order_of(const LogLine& line) {
  const std::string& id = line.request_id;
  const auto last = id.rfind('-');
  const auto middle = last == id.npos || last == 0 ? id.npos : id.rfind('-', last - 1);
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  if (middle != id.npos) {
    std::from_chars(id.data() + middle + 1, id.data() + last, epoch, 16);
    std::from_chars(id.data() + last + 1, id.data() + id.size(), sequence, 16);
  }
  return {epoch, sequence};
}

class LogCheck {
 public:
  LogCheck(const Observed& observed, std::size_t zone, std::vector<std::string>& problems)
      : observed_(observed),
        gateway_(gateway_name(zone)),
        worlds_(observed.versions.worlds(gateway_)),
        lost_(observed.zones[zone].documents_were_lost),
        problems_(problems) {}

  void check(const LogLine& line) {
    raise(keyring_, line.keyring, line, "keyring");
    raise(restrictions_, line.restrictions, line, "restrictions");
    if (line.world.empty()) return;
    check_order(line);
    const bool applied = std::ranges::any_of(observed_.published, [&](const Published& one) {
      return one.hash.empty() || one.hash == line.world;
    });
    if (!applied) {
      problems_.push_back(fmt::format("{} was decided by World {}, which nobody applied",
                                      line.request_id, line.world));
    }
  }

 private:
  // A World that comes back has its hash again and another number.
  void check_order(const LogLine& line) {
    auto next = held_;
    while (next < worlds_.size() && worlds_[next].hash != line.world) ++next;
    if (next < worlds_.size()) {
      held_ = next;
    } else if (!may_be_older(line.world)) {
      problems_.push_back(fmt::format("{} of {} was decided by World {}, which came before",
                                      line.request_id, gateway_, line.world));
      held_ = 0;
    }
  }

  bool may_be_older(const std::string& hash) const {
    const auto& older = observed_.versions.older_that_may_decide(gateway_);
    return lost_ && std::ranges::find(older, hash, &HeldVersion::hash) != older.end();
  }

  void raise(std::uint64_t& highest, std::uint64_t number, const LogLine& line,
             std::string_view kind) {
    if (number == 0) return;  // it had none yet
    if (number < highest) {
      problems_.push_back(fmt::format("{} was decided by {} {}, after {}", line.request_id, kind,
                                      number, highest));
    }
    highest = std::max(highest, number);
  }

  const Observed& observed_;
  std::string gateway_;
  const std::vector<HeldVersion>& worlds_;
  bool lost_;
  std::vector<std::string>& problems_;
  std::size_t held_ = 0;
  std::uint64_t keyring_ = 0;
  std::uint64_t restrictions_ = 0;
};

// A gateway whose disk lost the newest World may serve an older one that permits no
// more than that one, until control sends it again.
bool is_allowed(const StepBack& step, const Observed& observed) {
  for (std::size_t zone = 0; zone < observed.zones.size(); ++zone) {
    if (gateway_name(zone) != step.gateway) continue;
    const auto& older = observed.versions.older_that_may_decide(step.gateway);
    return observed.zones[zone].documents_were_lost &&
           std::ranges::find(older, step.number, &HeldVersion::number) != older.end();
  }
  return false;
}

}  // namespace

void check_versions(const Observed& observed, std::vector<std::string>& problems) {
  problems.insert(problems.end(), observed.versions.problems().begin(),
                  observed.versions.problems().end());
  for (const StepBack& step : observed.versions.steps_back()) {
    if (!is_allowed(step, observed)) problems.push_back(step.text);
  }
  for (std::size_t zone = 0; zone < observed.zones.size(); ++zone) {
    std::vector<LogLine> log = observed.zones[zone].log;
    std::ranges::sort(log, {}, order_of);
    LogCheck checking(observed, zone, problems);
    for (const LogLine& line : log) checking.check(line);
    if (!observed.versions.has_told(gateway_name(zone))) {
      problems.push_back(gateway_name(zone) + " never told control what it holds");
    }
  }
}

}  // namespace portolan::sim

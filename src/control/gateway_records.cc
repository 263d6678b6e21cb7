#include "control/gateway_records.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"

namespace portolan::control {
namespace {

// Whether the one gateway's one word came after the other.
bool is_newer(const GatewayRecord& word, const GatewayRecord& than) {
  if (word.said.turn && than.said.turn) return *word.said.turn > *than.said.turn;
  // Of gateways before poll format 1.6, by this process's clock.
  if (word.connected() != than.connected()) return word.connected();
  return word.seen > than.seen;
}

// Without what rises with every request.
world::PollRequest facts_of(world::PollRequest said) {
  said.served.reset();
  said.computed.reset();
  said.turn.reset();
  said.wait_ms = 0;
  if (said.load) said.load->busy_p95 = 0;
  return said;
}

}  // namespace

Status GatewayRecords::note(const world::PollRequest& request, WallTime now) {
  if (!here_.contains(request.gateway) && here_.size() >= gateways_max.count()) {
    forget_silent(now);
    if (here_.size() >= gateways_max.count()) {
      return Fault{Code::invalid_parameter, Retry::elsewhere,
                   fmt::format("{} gateways poll here already; {} is {}.", here_.size(),
                               gateways_max.name, gateways_max.value)};
    }
  }
  GatewayRecord& record = here_[request.gateway];
  ++words_;
  if (facts_of(record.said) != facts_of(request)) ++facts_;
  record.said = request;
  record.seen = now;
  ++record.polls;
  join(request.gateway);
  return {};
}

void GatewayRecords::note_end(const std::string& gateway, WallTime now) {
  const auto found = here_.find(gateway);
  check(found != here_.end() && found->second.polls > 0, "a poll ends that has begun");
  found->second.seen = now;
  --found->second.polls;
  join(gateway);
}

void GatewayRecords::hear(const std::string& document, ById told) {
  const auto before = std::exchange(told_[document], std::move(told));
  for (const auto& [gateway, word] : before) join(gateway);
  for (const auto& [gateway, word] : told_[document]) join(gateway);
}

void GatewayRecords::lose(const std::string& document, WallTime last) {
  auto gone = told_.extract(document);
  if (gone.empty()) return;
  for (auto& [gateway, word] : gone.mapped()) {
    if (word.connected()) word.seen = last;
    word.polls = 0;
    word.lost = true;
    const auto known = lost_.find(gateway);
    if (known == lost_.end() || is_newer(word, known->second)) lost_[gateway] = word;
    join(gateway);
  }
}

void GatewayRecords::join(const std::string& gateway) {
  const GatewayRecord* newest = nullptr;
  const auto consider = [&](const ById& words) {
    const auto found = words.find(gateway);
    if (found == words.end()) return;
    if (newest == nullptr || is_newer(found->second, *newest)) newest = &found->second;
  };
  consider(here_);
  for (const auto& [document, words] : told_) consider(words);
  if (const auto lost = lost_.find(gateway); lost != lost_.end()) {
    const bool heard_since = newest != nullptr && !is_newer(lost->second, *newest);
    if (heard_since) {
      lost_.erase(lost);
    } else {
      newest = &lost->second;
    }
  }
  if (newest == nullptr) {
    joined_.erase(gateway);
  } else {
    joined_[gateway] = *newest;
  }
}

void GatewayRecords::forget_silent(WallTime now) {
  const auto is_forgotten = [now](const GatewayRecord& record) {
    return !record.connected() && now - record.seen > gateway_silence_ms.milliseconds();
  };
  const auto forget = [&](ById& words) {
    for (auto at = words.begin(); at != words.end();) {
      if (!is_forgotten(at->second)) {
        ++at;
        continue;
      }
      const std::string gateway = at->first;
      at = words.erase(at);
      join(gateway);
    }
  };
  forget(here_);
  forget(lost_);
}

}  // namespace portolan::control

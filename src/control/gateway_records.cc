#include "control/gateway_records.h"

#include <fmt/format.h>

#include "base/check.h"

namespace portolan::control {

Status GatewayRecords::note(const world::PollRequest& request, WallTime now) {
  if (!by_id_.contains(request.gateway) && by_id_.size() >= gateways_max.count()) {
    forget_silent(now);
    if (by_id_.size() >= gateways_max.count()) {
      return Fault{Code::invalid_parameter, Retry::elsewhere,
                   fmt::format("{} gateways poll here already; {} is {}.", by_id_.size(),
                               gateways_max.name, gateways_max.value)};
    }
  }
  GatewayRecord& record = by_id_[request.gateway];
  record.said = request;
  record.seen = now;
  ++record.polls;
  return {};
}

void GatewayRecords::note_end(const std::string& gateway, WallTime now) {
  const auto found = by_id_.find(gateway);
  check(found != by_id_.end() && found->second.polls > 0, "a poll ends that has begun");
  found->second.seen = now;
  --found->second.polls;
}

void GatewayRecords::forget_silent(WallTime now) {
  std::erase_if(by_id_, [now](const auto& entry) {
    return !entry.second.connected() && now - entry.second.seen > gateway_silence_ms.milliseconds();
  });
}

}  // namespace portolan::control

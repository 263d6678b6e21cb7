#include "control/gateway_records.h"

#include <fmt/format.h>

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
  by_id_[request.gateway] = {request, now};
  return {};
}

void GatewayRecords::forget_silent(WallTime now) {
  std::erase_if(by_id_, [now](const auto& entry) {
    return now - entry.second.seen > gateway_silence_ms.milliseconds();
  });
}

}  // namespace portolan::control

#include "control/tell_meters.h"

#include <algorithm>

#include "runtime/wait.h"
#include "wire/usage_post.h"

namespace portolan::control {
namespace {

constexpr Duration look_again = Duration::seconds(1);

std::string render_machines(const model::Restrictions& restrictions) {
  std::vector<std::string> ids(restrictions.revoked_machines.begin(),
                               restrictions.revoked_machines.end());
  std::ranges::sort(ids);
  auto list = wire::Json::array();
  for (auto& id : ids) list.push(std::move(id));
  auto json = wire::Json::object();
  json.set("machines", std::move(list));
  return wire::render_canonical(json);
}

}  // namespace

runtime::Task<void> tell_meters(runtime::Shard& shard, const Control& control,
                                MeterClient& meters) {
  std::size_t told = 0;  // the list only grows
  Instant again{};
  bool complained = false;
  for (;;) {
    const auto& restrictions = control.state().restrictions;
    const std::size_t count = restrictions.revoked_machines.size();
    if (count != 0 && (count != told || shard.now() >= again)) {
      std::string body = render_machines(restrictions);
      const Status all = co_await meters.tell(std::string(wire::revoked_machines_path), body);
      if (!all && all.error().code == Code::cancelled) co_return;
      if (all) told = count;
      if (all) again = shard.now() + revocations_told_again_ms.milliseconds();
      if (!all && !complained) {
        shard.report("a meter does not hear which machines were revoked: " + all.error().message);
      }
      complained = !all;
    }
    const Status slept = co_await runtime::sleep_for(shard, look_again);
    if (!slept) co_return;
  }
}

}  // namespace portolan::control

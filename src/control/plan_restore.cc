#include "control/plan_restore.h"

#include <fmt/format.h>

#include <algorithm>

namespace portolan::control {
namespace {

using Seen = std::optional<world::Seen>;

void take_newest(std::optional<model::Version>& newest, const Seen& held,
                 const model::Version& backup, const model::Version& own) {
  if (!held || held->version.network != own.network) return;
  const auto& version = held->version;
  // What this control sent itself since the restore lacks nothing.
  if (version.epoch == own.epoch && version.number <= own.number) return;
  if (!model::older(backup, version)) return;
  if (!newest || model::older(*newest, version)) newest = version;
}

std::string part(std::string_view name, const std::optional<model::Version>& version,
                 std::uint64_t restored) {
  if (!version) return "";
  return fmt::format("{} {} and restored is {}; ", name, version->number, restored);
}

}  // namespace

RestoreGap find_restore_gap(const State& state, const RestoredFrom& from,
                            const std::map<std::string, GatewayRecord>& gateways) {
  const auto& own = state.numbers;
  const auto& backup = from.numbers;
  RestoreGap gap;
  gap.epoch = own.epoch;
  for (const auto& [id, record] : gateways) {
    const auto& said = record.said;
    // Until the restore is finished no World and no Keyring was sent from here.
    take_newest(gap.world, said.world, backup.of(backup.world), own.of(0));
    take_newest(gap.keyring, said.keyring, backup.of(backup.keyring), own.of(0));
    take_newest(gap.restrictions, said.restrictions, backup.of(backup.restrictions),
                own.of(own.restrictions));
  }
  for (const auto* held : {&gap.world, &gap.keyring, &gap.restrictions}) {
    if (*held) gap.epoch = std::max(gap.epoch, (*held)->epoch + 1);
  }
  for (const auto& zone : state.contents->network.zones) {
    for (const auto& gateway : zone.gateways) {
      auto& list = gateways.contains(gateway.id) ? gap.heard : gap.not_heard;
      list.push_back(gateway.id);
    }
  }
  return gap;
}

std::string render_gap(const RestoredFrom& from, const RestoreGap& gap) {
  if (!gap.lacking()) return "";
  const auto& numbers = from.numbers;
  return "Gateways hold " + part("World", gap.world, numbers.world) +
         part("Keyring", gap.keyring, numbers.keyring) +
         part("Restrictions", gap.restrictions, numbers.restrictions) +
         "resources, keys and revocations made in between are missing here.";
}

}  // namespace portolan::control

#include "cli/rollout_view.h"

#include <fmt/format.h>

#include "cli/json_fields.h"
#include "cli/table.h"

namespace portolan::cli {
namespace {

using wire::Json;

const Json* rollout_of(const Json& answer) {
  const Json* rollout = answer.find("rollout");
  return rollout != nullptr && rollout->as_object() != nullptr ? rollout : nullptr;
}

std::string served_of(const Json& gateway) {
  const Json* served = gateway.find("served");
  if (served == nullptr || served->as_object() == nullptr) return "-";
  return fmt::format("{} requests, {} errors, {} refused, {} detours",
                     whole_of(*served, "requests"), whole_of(*served, "errors"),
                     whole_of(*served, "refusals"), whole_of(*served, "detours"));
}

std::string holds_of(const Json& gateway) {
  const Json* holds = gateway.find("holds");
  const auto number = holds != nullptr ? holds->as_uint64() : std::nullopt;
  return number ? fmt::format("World {}", *number) : "-";
}

std::string gateways_table(const Json& rollout) {
  const auto& gateways = list_of(rollout, "gateways");
  if (gateways.empty()) return "";
  Table table({"GATEWAY", "ZONE", "ITS TURN", "HOLDS", "CONNECTED", "SERVED BY IT"});
  std::string refusals;
  for (const Json& gateway : gateways) {
    table.add({text_of(gateway, "gateway"), text_of(gateway, "zone"),
               is_set(gateway, "turn") ? "yes" : "waits", holds_of(gateway),
               is_set(gateway, "connected") ? "yes" : "no", served_of(gateway)});
    const auto refused = text_of(gateway, "refused");
    if (refused.empty()) continue;
    refusals += fmt::format("{} in {} refuses it: {}\n", text_of(gateway, "gateway"),
                            text_of(gateway, "zone"), refused);
  }
  return "\n" + table.render() + refusals;
}

std::string steps_text(const Json& rollout) {
  std::string text;
  for (const Json& step : list_of(rollout, "steps")) {
    text += fmt::format("  {}  {}\n", text_of(step, "began"), names_of(step, "zones"));
    const auto verdict = text_of(step, "verdict");
    if (!verdict.empty()) text += "    " + verdict + "\n";
  }
  return text;
}

}  // namespace

bool is_rolling_out(const Json& answer) {
  const Json* rollout = rollout_of(answer);
  if (rollout == nullptr) return false;
  const auto phase = text_of(*rollout, "phase");
  return phase == "running" || phase == "paused";
}

bool has_gone_back(const Json& answer) {
  const Json* rollout = rollout_of(answer);
  return rollout != nullptr && text_of(*rollout, "phase") == "gone-back";
}

std::string render_rollout(const Json& answer) {
  const Json* rollout = rollout_of(answer);
  if (rollout == nullptr) {
    return "No World went out zone by zone yet: the first goes to all gateways at once, and so do "
           "all\nof a control that runs with --waves at-once.\n";
  }
  const auto world = whole_of(*rollout, "world");
  const auto why = text_of(*rollout, "why");
  std::string text = fmt::format("World {}, after World {}: {}", world, whole_of(*rollout, "from"),
                                 text_of(*rollout, "phase"));
  if (is_rolling_out(answer)) {
    text += fmt::format(", {} of {} zones", whole_of(*rollout, "zones_released"),
                        whole_of(*rollout, "zones"));
  }
  const auto meant = text_of(*rollout, "refusals_meant");
  text += "\n" + (why.empty() ? "" : why + "\n");
  if (!meant.empty()) text += "More refusals are meant: " + meant + "\n";
  text += steps_text(*rollout);
  if (!is_rolling_out(answer)) {
    return text + fmt::format("  {}  ended\n", text_of(*rollout, "ended"));
  }
  const auto waits = text_of(*rollout, "waits_for");
  if (!waits.empty()) text += "    " + waits + "\n";
  return text + gateways_table(*rollout) + "\nportolan rollout pause | resume | rollback\n";
}

}  // namespace portolan::cli

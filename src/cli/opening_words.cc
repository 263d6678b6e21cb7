#include "cli/opening_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/json_fields.h"
#include "model/opening.h"

namespace portolan::cli {
namespace {

using wire::Json;

// In the order of model::Gate.
constexpr std::array<std::string_view, model::gate_names.size()> gate_questions = {
    "Its gateways and those of the network reach each other, within the round trips wanted.",
    "Its gateways' clocks are those of the network.",
    "Its gateways show certificates of this network and of their zone, that last.",
    "Each engine is what its deployment and its model say: weights, template, tokens, features.",
    "It has every model, feature and limit that parity targets ask of it.",
    "Its gateways hold the newest World, Keyring and Restrictions.",
    "What is asked at its front doors is answered, and recorded as it was answered.",
    "What may not be there is refused, at its front doors and by its executors.",
    "With any one of its zones gone it still answers.",
    "Its neighbours have room for what it does, for the day when it is gone.",
};

bool is_zone(const Json& opening) { return !text_of(opening, "zone").empty(); }

std::string command_of(const Json& opening, std::string_view verb) {
  return fmt::format("portolan {} {} {}", is_zone(opening) ? "zone" : "region", verb,
                     text_of(opening, "name"));
}

// Why it was ended, and what still stands in the way of that.
std::string reason_of(const Json& opening) {
  const auto why = text_of(opening, "why");
  const bool closing = is_set(opening, "closing") && text_of(opening, "phase") != "drained";
  return (why.empty() ? "" : " " + why) +
         (closing ? " It is drained until every gateway knows that it is closed." : "");
}

// "every gate is green", or what a reader must not miss.
std::string gates_are_green(const Json& opening) {
  std::string names;
  for (const Json& gate : list_of(opening, "gates")) {
    if (text_of(gate, "state") != "skipped") continue;
    names += (names.empty() ? "" : ", ") + text_of(gate, "gate");
  }
  if (names.empty()) return "every gate is green";
  return fmt::format("every gate that was asked is green (not asked: {})", names);
}

std::string share_now(const Json& opening) {
  const auto& shares = list_of(opening, "shares");
  return shares.empty() ? "a share" : fmt::format("{} %", whole_of(shares.back(), "percent"));
}

}  // namespace

std::string opened_place(const Json& opening) {
  const auto region = text_of(opening, "region");
  if (!is_zone(opening)) return "region " + region;
  return fmt::format("zone {} of region {}", text_of(opening, "zone"), region);
}

std::size_t gates_in_state(const Json& opening, std::string_view state) {
  const auto& gates = list_of(opening, "gates");
  return static_cast<std::size_t>(std::ranges::count_if(
      gates, [&](const Json& gate) { return text_of(gate, "state") == state; }));
}

std::string opening_verdict(const Json& opening) {
  const auto phase = text_of(opening, "phase");
  const auto all = list_of(opening, "gates").size();
  if (phase == "applying") return "Not open: its resources are on their way to the gateways.";
  if (phase == "gates") {
    return fmt::format("Not open: {} of {} gates are green, {} red.",
                       gates_in_state(opening, "green"), all, gates_in_state(opening, "red"));
  }
  if (phase == "sharing" && gates_in_state(opening, "red") > 0) {
    return fmt::format("Opening: it takes {} of its traffic, and no more while a gate is red.",
                       share_now(opening));
  }
  if (phase == "sharing") {
    return fmt::format("Opening: {}, and it takes {} of its traffic.", gates_are_green(opening),
                       share_now(opening));
  }
  if (phase == "serving") {
    return fmt::format("Open: {}, and it serves all of its traffic.", gates_are_green(opening));
  }
  if (phase == "held") return "Not open: it was held." + reason_of(opening);
  if (phase == "stopped") return "Not open: it was stopped." + reason_of(opening);
  if (phase == "drained") return "Drained: it takes nothing new." + reason_of(opening);
  if (phase == "closed") return "Closed: nothing is served there." + reason_of(opening);
  return fmt::format("In phase {}.{}", phase, reason_of(opening));
}

std::string opening_advice(const Json& opening) {
  const auto phase = text_of(opening, "phase");
  if (phase == "applying") {
    return "Nothing to do. 'portolan rollout status' shows how far they are; to call it off: " +
           command_of(opening, "stop");
  }
  if ((phase == "gates" || phase == "sharing") && gates_in_state(opening, "red") > 0) {
    return "Mend what is red; it is asked again by itself. To call it off: " +
           command_of(opening, "stop");
  }
  if (phase == "gates" || phase == "sharing") {
    return "Nothing to do; it goes on by itself. To call it off: " + command_of(opening, "stop");
  }
  if (phase == "serving") {
    return fmt::format("For those who ask: {} -o html --to {}.html", command_of(opening, "report"),
                       text_of(opening, "name"));
  }
  if (phase == "held")
    return "Mend what is named above; then, from the first gate on: " +
           command_of(opening, "resume");
  if (phase == "stopped") return "To go on, from the first gate: " + command_of(opening, "resume");
  if (phase == "drained") {
    return fmt::format("To shut it: {}; to have it serve again: {}", command_of(opening, "close"),
                       command_of(opening, "reopen"));
  }
  return "To open it again, through all gates: " + command_of(opening, "reopen");
}

std::string_view gate_asks_for(std::string_view gate) {
  const auto found = std::ranges::find(model::gate_names, gate);
  if (found == model::gate_names.end()) return "";
  return gate_questions[static_cast<std::size_t>(found - model::gate_names.begin())];
}

bool is_opening_over(const Json& opening) {
  const auto phase = text_of(opening, "phase");
  return phase != "applying" && phase != "gates" && phase != "sharing";
}

bool does_opening_serve(const Json& opening) { return text_of(opening, "phase") == "serving"; }

}  // namespace portolan::cli

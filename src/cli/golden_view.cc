#include "cli/golden_view.h"

#include <fmt/format.h>

#include "cli/json_fields.h"
#include "cli/table.h"
#include "world/time_text.h"

namespace portolan::cli {
namespace {

using wire::Json;

std::string run_line(const Json& answer) {
  const Json* run = answer.find("run");
  if (run == nullptr || run->as_object() == nullptr) {
    return "The golden prompts were never asked. 'portolan golden run' asks them now.\n";
  }
  const std::string began = text_of(*run, "began");
  if (is_set(*run, "running")) return fmt::format("A run goes on since {}.\n", began);
  const std::string ended = text_of(*run, "ended");
  if (ended.empty()) return fmt::format("A run began at {} and broke off.\n", began);
  return fmt::format("Asked from {} to {} ({}).\n", began, ended, text_of(*run, "by"));
}

// One finding as a sentence.
std::string said_of(const Json& finding) {
  const std::string said = text_of(finding, "said");
  const std::string kind = text_of(finding, "kind");
  if (kind == "odd") return fmt::format("{}; most say {}", said, text_of(finding, "others"));
  if (kind == "split") return said + "; no answer is that of most";
  return said;
}

std::string findings_table(const Json& answer) {
  Table table({"MODEL", "ZONE", "ENGINE", "WHAT", "FACT", "SAYS"});
  bool any = false;
  for (const Json& model : list_of(answer, "models")) {
    for (const Json& finding : list_of(model, "findings")) {
      table.add({text_of(model, "model"), text_of(finding, "zone"), text_of(finding, "engine"),
                 text_of(finding, "kind"), text_of(finding, "fact"), said_of(finding)});
      any = true;
    }
  }
  return any ? "\n" + table.render() : "";
}

std::string models_table(const Json& answer) {
  Table table({"MODEL", "ZONES", "ENGINES", "AGREES"});
  for (const Json& model : list_of(answer, "models")) {
    table.add({text_of(model, "model"), fmt::format("{}", whole_of(model, "zones")),
               fmt::format("{}", whole_of(model, "engines")),
               is_set(model, "agrees") ? "yes" : "no"});
  }
  return "\n" + table.render();
}

}  // namespace

std::string render_golden(const Json& answer) {
  std::string text = run_line(answer);
  for (const Json& zone : list_of(answer, "zones")) {
    const std::string why = text_of(zone, "why");
    if (!why.empty()) text += fmt::format("{} was not heard: {}\n", text_of(zone, "zone"), why);
  }
  if (!list_of(answer, "models").empty()) text += models_table(answer);
  return text + findings_table(answer);
}

bool golden_agrees(const Json& answer) { return is_set(answer, "agrees"); }

bool golden_ended_since(const Json& answer, std::string_view moment) {
  const Json* run = answer.find("run");
  if (run == nullptr || run->as_object() == nullptr || is_set(*run, "running")) return false;
  const auto began = world::parse_date(text_of(*run, "began"));
  const auto since = world::parse_date(moment);
  return began && since && *began >= *since && !text_of(*run, "ended").empty();
}

}  // namespace portolan::cli

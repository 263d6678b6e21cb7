#include "cli/opening_report.h"

#include <fmt/format.h>

#include "cli/json_fields.h"
#include "cli/opening_wishes.h"
#include "cli/opening_words.h"

namespace portolan::cli {
namespace {

using wire::Json;

std::string gate_section(const Json& gate, std::size_t number) {
  const auto name = text_of(gate, "gate");
  const auto state = text_of(gate, "state");
  std::string text = fmt::format("{}. {}: {}\n   {}\n", number, name,
                                 state == "skipped" ? "NOT ASKED" : state, gate_asks_for(name));
  if (state == "skipped") return text + "   Because: " + text_of(gate, "reason") + "\n";
  const auto tries = whole_of(gate, "tries");
  if (tries > 0) {
    text += fmt::format("   Asked {} at {}.\n",
                        tries == 1 ? "once," : fmt::format("{} times, last", tries),
                        date_of(gate, "asked"));
  }
  for (const Json& finding : list_of(gate, "findings")) {
    text += fmt::format("   ! {}: {}\n", text_of(finding, "subject"), text_of(finding, "sentence"));
  }
  for (const Json& seen : list_of(gate, "evidence")) {
    if (seen.as_string() != nullptr) text += "   - " + *seen.as_string() + "\n";
  }
  return text;
}

std::string share_section(const Json& share) {
  const auto ended = date_of(share, "ended");
  std::string text = fmt::format("{} %, from {} {}: {} requests, {} errors, {} refused\n",
                                 whole_of(share, "percent"), date_of(share, "began"),
                                 ended.empty() ? "on" : "to " + ended, whole_of(share, "requests"),
                                 whole_of(share, "errors"), whole_of(share, "refusals"));
  const auto verdict = text_of(share, "verdict");
  return verdict.empty() ? text : text + "  " + verdict + "\n";
}

}  // namespace

std::string render_opening_report(const Json& opening) {
  const auto by = text_of(opening, "by");
  std::string text = fmt::format(
      "Opening of {}\n{}\n\nOpening {}, begun at {}{}; {} since {}; this report is of {}.\n",
      opened_place(opening), opening_verdict(opening), text_of(opening, "name"),
      date_of(opening, "began"), by.empty() ? "" : " by admin key " + by, text_of(opening, "phase"),
      date_of(opening, "changed"), date_of(opening, "now"));
  text += "\nGATES\n\n";
  std::size_t number = 0;
  for (const Json& gate : list_of(opening, "gates")) text += gate_section(gate, ++number);
  text += "\nSHARES OF ITS TRAFFIC\n\n";
  const auto& shares = list_of(opening, "shares");
  if (shares.empty()) text += "It took none yet.\n";
  for (const Json& share : shares) text += share_section(share);
  text += "\nWHAT WAS WANTED\n\n";
  for (const auto& [name, value] : opening_wishes(opening)) {
    text += fmt::format("{}: {}\n", name, value);
  }
  return text;
}

}  // namespace portolan::cli

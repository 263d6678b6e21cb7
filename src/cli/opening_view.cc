#include "cli/opening_view.h"

#include <fmt/format.h>

#include <set>

#include "cli/json_fields.h"
#include "cli/opening_words.h"
#include "cli/table.h"

namespace portolan::cli {
namespace {

using wire::Json;

std::string date_or_dash(const Json& object, std::string_view name) {
  const auto date = date_of(object, name);
  return date.empty() ? "-" : date;
}

std::string or_dash(const Json& object, std::string_view name) {
  const auto text = text_of(object, name);
  return text.empty() ? "-" : text;
}

std::string finding_line(const Json& finding) {
  const auto subject = text_of(finding, "subject");
  return (subject.empty() ? "" : subject + ": ") + text_of(finding, "sentence");
}

// "2 findings", "not asked", or nothing yet.
std::string gate_says(const Json& gate) {
  const auto state = text_of(gate, "state");
  if (state == "skipped") return "not asked: " + text_of(gate, "reason");
  const auto findings = list_of(gate, "findings").size();
  if (findings == 1) return "1 finding";
  if (findings > 1) return fmt::format("{} findings", findings);
  const auto& evidence = list_of(gate, "evidence");
  if (state != "green" || evidence.empty()) return "-";
  return evidence.size() == 1 ? "1 fact" : fmt::format("{} facts", evidence.size());
}

std::string gates_table(const Json& opening) {
  const auto& gates = list_of(opening, "gates");
  if (gates.empty()) return "";
  Table table({"GATE", "STATE", "TRIES", "ASKED", "FOUND"});
  for (const Json& gate : gates) {
    const auto tries = whole_of(gate, "tries");
    table.add({text_of(gate, "gate"), text_of(gate, "state"),
               tries == 0 ? "-" : std::to_string(tries), date_or_dash(gate, "asked"),
               gate_says(gate)});
  }
  return "\n" + table.render();
}

std::string findings_text(const Json& opening) {
  std::string text;
  for (const Json& gate : list_of(opening, "gates")) {
    const auto& findings = list_of(gate, "findings");
    if (findings.empty() || text_of(gate, "state") == "skipped") continue;
    text += fmt::format("\n{}: {}\n", text_of(gate, "gate"), gate_asks_for(text_of(gate, "gate")));
    for (const Json& finding : findings) text += "  " + finding_line(finding) + "\n";
  }
  return text;
}

std::string shares_table(const Json& opening) {
  const auto& shares = list_of(opening, "shares");
  if (shares.empty()) return "";
  Table table({"SHARE", "BEGAN", "ENDED", "REQUESTS", "ERRORS", "REFUSED", "VERDICT"});
  for (const Json& share : shares) {
    table.add({fmt::format("{} %", whole_of(share, "percent")), date_or_dash(share, "began"),
               date_or_dash(share, "ended"), std::to_string(whole_of(share, "requests")),
               std::to_string(whole_of(share, "errors")),
               std::to_string(whole_of(share, "refusals")), or_dash(share, "verdict")});
  }
  return "\n" + table.render();
}

const Json* gate_named(const Json& opening, const std::string& name) {
  for (const Json& gate : list_of(opening, "gates")) {
    if (text_of(gate, "gate") == name) return &gate;
  }
  return nullptr;
}

std::set<std::string> finding_lines(const Json* gate) {
  std::set<std::string> lines;
  if (gate == nullptr) return lines;
  for (const Json& finding : list_of(*gate, "findings")) lines.insert(finding_line(finding));
  return lines;
}

// A red gate is asked again and again, and keeps its findings meanwhile: they are told once.
void add_gate_news(std::vector<std::string>& news, const Json* before, const Json& now) {
  const auto name = text_of(now, "gate");
  const auto state = text_of(now, "state");
  const bool passed = state == "green" || state == "skipped";
  if (passed && (before == nullptr || text_of(*before, "state") != state)) {
    const auto reason = text_of(now, "reason");
    news.push_back(fmt::format("{} is {}{}", name, state, reason.empty() ? "" : ": " + reason));
  }
  if (passed) return;
  const auto known = finding_lines(before);
  std::vector<std::string> found;
  for (const auto& line : finding_lines(&now)) {
    if (!known.contains(line)) found.push_back(fmt::format("{}: {}", name, line));
  }
  if (!found.empty()) news.push_back(name + " is red");
  news.insert(news.end(), found.begin(), found.end());
}

void add_share_news(std::vector<std::string>& news, const Json& before, const Json& now) {
  const auto& shares = list_of(now, "shares");
  const auto& known = list_of(before, "shares");
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const auto percent = whole_of(shares[i], "percent");
    if (i >= known.size()) news.push_back(fmt::format("it takes {} % of its traffic", percent));
    const auto verdict = text_of(shares[i], "verdict");
    const bool told = i < known.size() && !text_of(known[i], "ended").empty();
    if (told || text_of(shares[i], "ended").empty()) continue;
    news.push_back(fmt::format("{} %: {} requests, {} errors, {} refused: {}", percent,
                               whole_of(shares[i], "requests"), whole_of(shares[i], "errors"),
                               whole_of(shares[i], "refusals"), verdict));
  }
}

}  // namespace

std::string render_opening(const Json& opening) {
  const auto by = text_of(opening, "by");
  return fmt::format("Opening {}: {}, {} since {}; begun {}{}\n{}\n", text_of(opening, "name"),
                     opened_place(opening), text_of(opening, "phase"),
                     date_or_dash(opening, "changed"), date_or_dash(opening, "began"),
                     by.empty() ? "" : " by admin key " + by, opening_verdict(opening)) +
         gates_table(opening) + findings_text(opening) + shares_table(opening) + "\n" +
         opening_advice(opening) + "\n";
}

std::string render_opening_act(const Json& answer) {
  const auto place = text_of(answer, "drained");
  if (place.empty()) return render_opening(answer);
  return fmt::format("{0} takes nothing new. Back again: portolan restrict lift drain {0}\n",
                     place);
}

std::string render_openings(const Json& answer) {
  const auto& openings = list_of(answer, "openings");
  if (openings.empty()) {
    return "No region and no zone was opened through gates yet; 'portolan region open --help' "
           "says how.\n";
  }
  if (openings.size() == 1) return render_opening(openings.front());
  Table table({"OPENING", "OF", "PHASE", "SINCE", "GATES GREEN", "RED", "BY"});
  for (const Json& opening : openings) {
    const auto red = gates_in_state(opening, "red");
    table.add(
        {text_of(opening, "name"), opened_place(opening), text_of(opening, "phase"),
         date_or_dash(opening, "changed"),
         fmt::format("{}/{}", gates_in_state(opening, "green"), list_of(opening, "gates").size()),
         red == 0 ? "-" : std::to_string(red), or_dash(opening, "by")});
  }
  return table.render() + "\nportolan region status NAME\n";
}

std::vector<std::string> opening_news(const Json& before, const Json& now) {
  std::vector<std::string> news;
  for (const Json& gate : list_of(now, "gates")) {
    add_gate_news(news, gate_named(before, text_of(gate, "gate")), gate);
  }
  add_share_news(news, before, now);
  if (text_of(before, "phase") != text_of(now, "phase")) news.push_back(opening_verdict(now));
  return news;
}

}  // namespace portolan::cli

#include <fmt/format.h>

#include "cli/json_fields.h"
#include "cli/opening_report.h"
#include "cli/opening_wishes.h"
#include "cli/opening_words.h"

namespace portolan::cli {
namespace {

using wire::Json;

// Colours are never alone in saying something: each state is a word, too.
constexpr std::string_view style = R"(
:root { color-scheme: light; --ink: #1a2129; --soft: #5b6773; --line: #d8dee4; --paper: #fff;
  --green: #14703c; --red: #b3261e; --amber: #8a5a00; }
* { box-sizing: border-box; }
body { margin: 0; background: #f2f4f6; color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", "Liberation Sans", Helvetica, Arial, sans-serif; }
main { max-width: 54rem; margin: 2rem auto; padding: 2.5rem 3rem; background: var(--paper);
  border: 1px solid var(--line); border-radius: 6px; }
.kind { margin: 0; color: var(--soft); font-size: .85rem; letter-spacing: .04em; }
h1 { margin: .1rem 0 1rem; font-size: 1.8rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.2rem; border-bottom: 2px solid var(--ink); }
h3 { margin: 0; font-size: 1rem; display: flex; justify-content: space-between; gap: 1rem; }
p, ul { margin: .25rem 0; }
ul { padding-left: 1.2rem; }
li, td, dd { overflow-wrap: anywhere; }
.verdict { padding: .8rem 1rem; border-left: 6px solid var(--soft); background: #f6f8fa;
  font-size: 1.1rem; }
.verdict.green { border-color: var(--green); }
.verdict.red { border-color: var(--red); }
.verdict.amber { border-color: var(--amber); }
dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .2rem 1.5rem;
  margin: 1rem 0; }
dt { color: var(--soft); max-width: 18rem; }
dd { margin: 0; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem .4rem 0;
  border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
th { color: var(--soft); font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
tr:has(+ .verdict-row) td { border-bottom: 0; padding-bottom: 0; }
.verdict-row td { padding-top: 0; color: var(--soft); }
time, .number, .state { white-space: nowrap; }
.state { font-weight: 600; color: var(--soft); }
.state.green { color: var(--green); }
.state.red { color: var(--red); }
.state.skipped { color: var(--amber); }
section { padding: 1rem 0; border-top: 1px solid var(--line); break-inside: avoid; }
h2 + section { border-top: 0; padding-top: 0; }
.asks, .asked { color: var(--soft); font-size: .92rem; }
.finding { color: var(--red); }
@media (max-width: 40rem) { main { margin: 0; padding: 1.2rem; border: 0; } }
@media print { body { background: none; font-size: 10.5pt; } h2 { break-after: avoid; }
  main { margin: 0; padding: 0; max-width: none; border: 0; } }
)";

std::string escape(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string escaped(const Json& object, std::string_view name) {
  return escape(text_of(object, name));
}

// A date that people read; the machine's form stays in the element.
std::string time_of(const Json& object, std::string_view name) {
  const auto date = text_of(object, name);
  if (date.empty()) return "-";
  std::string shown = date_of(object, name);
  if (shown.ends_with('Z')) shown.pop_back();
  if (const auto middle = shown.find('T'); middle != shown.npos) shown[middle] = ' ';
  return fmt::format("<time datetime=\"{}\">{} UTC</time>", escape(date), escape(shown));
}

std::string_view colour_of(const Json& opening) {
  const auto phase = text_of(opening, "phase");
  if (phase == "serving") return "green";
  if (phase == "held" || phase == "stopped" || phase == "closed") return "red";
  return "amber";
}

// A state's word is its class, where it is one that we know.
std::string state_of(const Json& gate) {
  const auto state = text_of(gate, "state");
  const bool known = state == "green" || state == "red" || state == "skipped";
  return fmt::format("<span class=\"state {}\">{}</span>", known ? state : "open",
                     state == "skipped" ? "not asked" : escape(state));
}

std::string facts(const Json& opening) {
  std::string text = "<dl>\n";
  const auto add = [&](std::string_view name, const std::string& value) {
    text += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, value);
  };
  add("Opening", escaped(opening, "name"));
  add("Phase", fmt::format("{}, since {}", escaped(opening, "phase"), time_of(opening, "changed")));
  add("Begun", time_of(opening, "began"));
  if (!text_of(opening, "by").empty()) add("Begun by admin key", escaped(opening, "by"));
  add("Gates green",
      fmt::format("{} of {}", gates_in_state(opening, "green"), list_of(opening, "gates").size()));
  add("This report is of", time_of(opening, "now"));
  return text + "</dl>\n";
}

std::string skipped_section(const Json& opening) {
  std::string text;
  for (const Json& gate : list_of(opening, "gates")) {
    if (text_of(gate, "state") != "skipped") continue;
    text += fmt::format(
        "<li><b>{}</b>: {}<br><span class=\"asks\">It would have shown: {}</span></li>\n",
        escaped(gate, "gate"), escaped(gate, "reason"),
        escape(gate_asks_for(text_of(gate, "gate"))));
  }
  return text.empty() ? "" : "<h2>What was not asked, and why</h2>\n<ul>\n" + text + "</ul>\n";
}

std::string gate_section(const Json& gate) {
  const auto name = text_of(gate, "gate");
  std::string text = fmt::format("<section>\n<h3>{} {}</h3>\n<p class=\"asks\">{}</p>\n",
                                 escape(name), state_of(gate), escape(gate_asks_for(name)));
  if (text_of(gate, "state") == "skipped") {
    return text + fmt::format("<p>Because: {}</p>\n</section>\n", escaped(gate, "reason"));
  }
  std::string lines;
  for (const Json& finding : list_of(gate, "findings")) {
    lines += fmt::format("<li class=\"finding\"><b>{}</b>: {}</li>\n", escaped(finding, "subject"),
                         escaped(finding, "sentence"));
  }
  for (const Json& seen : list_of(gate, "evidence")) {
    if (seen.as_string() != nullptr) lines += "<li>" + escape(*seen.as_string()) + "</li>\n";
  }
  if (!lines.empty()) text += "<ul>\n" + lines + "</ul>\n";
  const auto tries = whole_of(gate, "tries");
  if (tries > 0) {
    text += fmt::format("<p class=\"asked\">Asked {} at {}.</p>\n",
                        tries == 1 ? "once," : fmt::format("{} times, last", tries),
                        time_of(gate, "asked"));
  }
  return text + "</section>\n";
}

std::string shares_section(const Json& opening) {
  const auto& shares = list_of(opening, "shares");
  if (shares.empty()) return "<p>It took none yet.</p>\n";
  std::string text =
      "<table>\n<tr><th class=\"number\">Share</th><th>From</th><th>To</th>"
      "<th class=\"number\">Requests</th><th class=\"number\">Errors</th>"
      "<th class=\"number\">Refused</th></tr>\n";
  for (const Json& share : shares) {
    text += fmt::format(
        "<tr><td class=\"number\">{} %</td><td>{}</td><td>{}</td><td class=\"number\">{}</td>"
        "<td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
        whole_of(share, "percent"), time_of(share, "began"), time_of(share, "ended"),
        whole_of(share, "requests"), whole_of(share, "errors"), whole_of(share, "refusals"));
    const auto verdict = escaped(share, "verdict");
    if (verdict.empty()) continue;
    text +=
        fmt::format("<tr class=\"verdict-row\"><td></td><td colspan=\"5\">{}</td></tr>\n", verdict);
  }
  return text + "</table>\n";
}

std::string wishes_section(const Json& opening) {
  std::string text;
  for (const auto& [name, value] : opening_wishes(opening)) {
    text += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(value));
  }
  return text.empty() ? "" : "<h2>What was wanted</h2>\n<dl>\n" + text + "</dl>\n";
}

}  // namespace

std::string render_opening_page(const Json& opening) {
  const auto title = "Opening of " + escape(opened_place(opening));
  std::string text = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n"
      "<p class=\"kind\">Portolan, readiness report</p>\n<h1>{}</h1>\n"
      "<p class=\"verdict {}\">{}</p>\n",
      title, style, title, colour_of(opening), escape(opening_verdict(opening)));
  text += facts(opening) + skipped_section(opening) + "<h2>Gates</h2>\n";
  for (const Json& gate : list_of(opening, "gates")) text += gate_section(gate);
  text += "<h2>Shares of its traffic</h2>\n" + shares_section(opening) + wishes_section(opening);
  return text + "</main>\n</body>\n</html>\n";
}

}  // namespace portolan::cli

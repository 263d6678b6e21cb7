#include "cli/parity_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "cli/table.h"
#include "wire/json_cursor.h"

namespace portolan::cli {
namespace {

using wire::JsonCursor;

Result<ParityView::Share> read_share(const JsonCursor& json) {
  ParityView::Share share;
  TRY(share.region, json.text_or("region", ""));
  TRY(share.wanted, json.count("wanted"));
  TRY(share.has, json.count("has"));
  TRY(share.overdue, json.count("overdue"));
  TRY(share.percent, json.number("percent"));
  return share;
}

// "price in USD", "input price 0.03 of 0.024 USD".
Result<std::string> read_price(const JsonCursor& json, std::string_view item,
                               std::string_view currency) {
  TRY(const auto price, json.text_or("price", ""));
  TRY(const auto most, json.text_or("price_max", ""));
  if (price.empty()) return fmt::format("price in {}", currency);
  const auto of = item.substr(0, item.find('_'));
  return fmt::format("{} price {} of {} {}", of, price, most, currency);
}

Result<std::string> read_item(const JsonCursor& json) {
  TRY(const auto item, json.text("item"));
  TRY(const auto feature, json.text_or("feature", ""));
  TRY(const auto wanted, json.count_or("wanted", 0));
  TRY(const auto found, json.count_or("found", 0));
  if (item == "model") return std::string("whole model");
  if (!feature.empty()) return fmt::format("{} {}", item, feature);
  TRY(const auto currency, json.text_or("currency", ""));
  if (!currency.empty()) return read_price(json, item, currency);
  return fmt::format("{} {} of {}", item, found, wanted);
}

Result<ParityView::Gap> read_gap(const JsonCursor& json) {
  ParityView::Gap gap;
  TRY(gap.region, json.text("region"));
  TRY(gap.model, json.text("model"));
  TRY(gap.item, read_item(json));
  TRY(gap.missing, json.text("missing"));
  TRY(gap.why, json.text("why"));
  TRY(const auto rules, json.texts_or_none("rules"));
  if (!rules.empty()) gap.why += fmt::format(": {}", fmt::join(rules, ", "));
  TRY(gap.target, json.text_or("target", ""));
  TRY(gap.by, json.text_or("by", ""));
  TRY(gap.since, json.text_or("since", ""));
  TRY(gap.overdue, json.boolean("overdue"));
  return gap;
}

// "10 of 12", "100 %" only when nothing is missing.
std::string render_percent(double percent) { return fmt::format("{:.1f} %", percent); }

std::vector<std::string> share_row(const std::string& name, const ParityView::Share& share) {
  return {name, render_percent(share.percent), fmt::format("{}/{}", share.has, share.wanted),
          share.overdue > 0 ? std::to_string(share.overdue) : "-"};
}

std::string render_by(const ParityView::Gap& gap) {
  if (gap.by.empty()) return "-";
  return gap.overdue ? gap.by + " overdue" : gap.by;
}

void append_gaps(std::string& text, const ParityView& view) {
  using Line = std::tuple<std::string, std::string, std::string, std::string, std::string>;
  std::map<Line, std::vector<std::string>> lines;  // the regions of each
  std::vector<Line> order;
  for (const auto& gap : view.gaps) {
    Line line{gap.model, gap.item, gap.why, gap.since.empty() ? "-" : gap.since, render_by(gap)};
    auto& regions = lines[line];
    if (regions.empty()) order.push_back(line);
    regions.push_back(gap.region);
  }
  if (order.empty()) return;
  Table table({"MISSING", "OF MODEL", "BECAUSE", "SINCE", "BY", "IN"});
  for (const auto& line : order) {
    const auto& [model, item, why, since, by] = line;
    table.add({item, model, why, since, by, fmt::format("{}", fmt::join(lines[line], ", "))});
  }
  text += "\n" + table.render();
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

bool ParityView::is_met(double percent) const {
  return whole.overdue == 0 &&
         std::ranges::all_of(regions, [&](const Share& share) { return share.percent >= percent; });
}

Result<ParityView> view_parity(const wire::Json& answer) {
  const JsonCursor json(answer, Code::malformed_peer);
  ParityView view;
  TRY(const auto world, json.member("world"));
  TRY(view.world, world.count("version"));
  TRY(view.targets, json.texts("targets"));
  TRY(const auto whole, json.member("whole"));
  TRY(view.whole, read_share(whole));
  TRY(const auto regions, json.elements("regions"));
  for (const auto& region : regions) {
    TRY(view.regions.emplace_back(), read_share(region));
  }
  TRY(const auto gaps, json.elements("gaps"));
  for (const auto& gap : gaps) {
    TRY(view.gaps.emplace_back(), read_gap(gap));
  }
  TRY(view.gaps_left_out, json.count("gaps_left_out"));
  return view;
}

std::string render_parity(const ParityView& view, std::size_t columns) {
  Table table({"REGION", "PARITY", "HAS", "OVERDUE"});
  for (const auto& share : view.regions) table.add(share_row(share.region, share));
  table.narrow(columns, {"OVERDUE"});
  std::string text = table.render();
  append_gaps(text, view);
  const auto out = std::back_inserter(text);
  if (view.gaps_left_out > 0) {
    fmt::format_to(out, "\n{} more gaps are not shown; --region or --model looks closer.",
                   view.gaps_left_out);
  }
  const std::string asked =
      view.targets.empty()
          ? "every model in every region, because there is no ParityTarget"
          : fmt::format("by {} {}", view.targets.size() == 1 ? "target" : "targets",
                        fmt::join(view.targets, ", "));
  fmt::format_to(
      out, "\n{}: {} of {} models, features, limits and prices are there, {} overdue; World {}\n",
      render_percent(view.whole.percent), view.whole.has, view.whole.wanted, view.whole.overdue,
      view.world);
  fmt::format_to(out, "asked for {}\n", asked);
  return text;
}

std::string render_parity_csv(const ParityView& view) {
  std::string text = "region,model,item,missing,why,since,target,by,overdue\n";
  for (const auto& gap : view.gaps) {
    const std::vector<std::string> cells = {gap.region,  gap.model, gap.item,
                                            gap.missing, gap.why,   gap.since,
                                            gap.target,  gap.by,    gap.overdue ? "yes" : "no"};
    for (std::size_t i = 0; i < cells.size(); ++i) text += (i > 0 ? "," : "") + csv_cell(cells[i]);
    text += '\n';
  }
  return text;
}

Result<std::string> render_parity_history(const wire::Json& answer) {
  const JsonCursor json(answer, Code::malformed_peer);
  TRY(const auto days, json.elements("days"));
  Table table({"DAY", "REGIONS", "WHOLE", "LEAST", "IN", "LOWEST OF THE DAY"});
  for (const auto& day : days) {
    TRY(const auto name, day.text("day"));
    TRY(const auto regions, day.elements("regions"));
    std::size_t complete = 0;
    double least = 101;
    double lowest = 101;
    std::string where = "-";
    for (const auto& region : regions) {
      TRY(const double percent, region.number("percent"));
      TRY(const double low, region.number("lowest"));
      if (percent >= 100) ++complete;
      lowest = std::min(lowest, low);
      if (percent >= least) continue;
      least = percent;
      TRY(where, region.text("region"));
    }
    if (regions.empty()) continue;
    table.add({std::string(name), std::to_string(regions.size()), std::to_string(complete),
               render_percent(least), where, render_percent(lowest)});
  }
  if (days.empty()) return std::string("nothing is recorded yet; control looks once a minute\n");
  return table.render();
}

}  // namespace portolan::cli

#include "cli/usage_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

#include "cli/table.h"

namespace portolan::cli {
namespace {

using wire::Json;

struct Column {
  std::string_view name;   // in CSV and JSON
  std::string_view title;  // in the table
  std::uint64_t UsageReport::Sums::* sum;
};
constexpr auto columns = std::to_array<Column>({
    {"requests", "REQUESTS", &UsageReport::Sums::requests},
    {"completed", "COMPLETED", &UsageReport::Sums::completed},
    {"prompt_tokens", "PROMPT", &UsageReport::Sums::prompt_tokens},
    {"cached_tokens", "CACHED", &UsageReport::Sums::cached_tokens},
    {"completion_tokens", "COMPLETION", &UsageReport::Sums::completion_tokens},
    {"estimated_requests", "ESTIMATED", &UsageReport::Sums::estimated_requests},
});

std::string title_of(std::string_view field) {
  std::string title(field);
  std::ranges::transform(title, title.begin(), [](unsigned char c) {
    return c == '_' ? ' ' : static_cast<char>(std::toupper(c));
  });
  return title;
}

// Its cells, the numbers grouped; a group without a name is shown as "-".
std::vector<std::string> cells_of(std::vector<std::string> group, const UsageReport::Sums& sums) {
  for (auto& value : group) {
    if (value.empty()) value = "-";
  }
  for (const auto& column : columns) group.push_back(group_thousands(sums.*column.sum));
  return group;
}

// Numbers stand below each other with their last digits.
void align_right(std::vector<std::vector<std::string>>& rows, std::size_t from) {
  for (std::size_t i = from; i < rows.front().size(); ++i) {
    std::size_t width = 0;
    for (const auto& row : rows) width = std::max(width, row[i].size());
    for (auto& row : rows) row[i].insert(0, width - row[i].size(), ' ');
  }
}

std::string render_age(Duration age) {
  const auto seconds = std::max<std::int64_t>(age.milliseconds(), 0) / 1000;
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 7200) return fmt::format("{} min", seconds / 60);
  return fmt::format("{} h", seconds / 3600);
}

std::string render_freshness(const UsageReport::Freshness& freshness) {
  std::string text = fmt::format("As of {}: ", freshness.now);
  const auto& heard = freshness.heard;
  if (heard.empty()) {
    text += "no record yet.";
  } else {
    fmt::format_to(std::back_inserter(text), "last record {} ago, from {}",
                   render_age(heard.front().ago), heard.front().gateway);
    if (heard.size() > 1) {
      fmt::format_to(std::back_inserter(text), "; of {} gateways heard, {} is silent longest, {}",
                     heard.size(), heard.back().gateway, render_age(heard.back().ago));
    }
    text += '.';
  }
  constexpr std::size_t named_max = 5;
  const auto& unheard = freshness.unheard;
  if (!unheard.empty()) {
    const auto named = std::min(unheard.size(), named_max);
    const auto end = unheard.begin() + static_cast<std::ptrdiff_t>(named);
    fmt::format_to(std::back_inserter(text), " Not heard of: {}{}.",
                   fmt::join(unheard.begin(), end, ", "),
                   unheard.size() > named ? fmt::format(" and {} more", unheard.size() - named)
                                          : std::string());
  }
  if (freshness.missing_records > 0) {
    fmt::format_to(std::back_inserter(text), "\n{} records are missing in {} gaps (--gaps).",
                   group_thousands(freshness.missing_records), group_thousands(freshness.gaps));
  }
  if (freshness.conflicts > 0) {
    fmt::format_to(std::back_inserter(text),
                   "\n{} records differ from what came first and are not counted (--conflicts).",
                   group_thousands(freshness.conflicts));
  }
  return text + "\n\n";
}

std::string quote_csv(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

// A member as a cell.
std::string cell(const Json& json, std::string_view name) {
  const Json* member = json.find(name);
  if (member == nullptr || member->kind() == wire::JsonKind::null) return "-";
  if (const std::string* text = member->as_string()) return text->empty() ? "-" : *text;
  if (const auto number = member->as_uint64()) return group_thousands(*number);
  return wire::render_canonical(*member);
}

const Json::Array& list_in(const Json& json, std::string_view name) {
  static const Json::Array none;
  const Json* list = json.find(name);
  return list != nullptr && list->as_array() != nullptr ? *list->as_array() : none;
}

}  // namespace

std::string group_thousands(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

std::string render_usage_table(const UsageReport& report) {
  std::vector<std::vector<std::string>> rows(1);
  for (const auto& field : report.by) rows.front().push_back(title_of(field));
  for (const auto& column : columns) rows.front().emplace_back(column.title);
  for (const auto& row : report.rows) rows.push_back(cells_of(row.group, row.sums));
  if (!report.by.empty()) {
    std::vector<std::string> group(report.by.size(), " ");
    group.front() = "TOTAL";
    rows.push_back(cells_of(std::move(group), report.total));
  }
  align_right(rows, report.by.size());
  Table table(rows.front());
  for (std::size_t i = 1; i < rows.size(); ++i) table.add(rows[i]);
  return render_freshness(report.freshness) + table.render();
}

std::string render_usage_csv(const UsageReport& report) {
  std::vector<std::string> names = report.by;
  for (const auto& column : columns) names.emplace_back(column.name);
  std::string text = fmt::format("{}\r\n", fmt::join(names, ","));
  for (const auto& row : report.rows) {
    std::vector<std::string> cells;
    for (const auto& value : row.group) cells.push_back(quote_csv(value));
    for (const auto& column : columns) cells.push_back(std::to_string(row.sums.*column.sum));
    text += fmt::format("{}\r\n", fmt::join(cells, ","));
  }
  return text;
}

std::string render_gaps(const Json& answer) {
  const auto& gaps = list_in(answer, "gaps");
  if (gaps.empty()) return "The ledger has every record that it knows to exist.\n";
  Table table({"GATEWAY", "EPOCH", "FIRST", "LAST", "MISSING SINCE"});
  for (const Json& gap : gaps) {
    table.add({cell(gap, "gateway"), cell(gap, "epoch"), cell(gap, "first"), cell(gap, "last"),
               cell(gap, "since")});
  }
  return table.render();
}

std::string render_conflicts(const Json& answer) {
  const auto& conflicts = list_in(answer, "conflicts");
  if (conflicts.empty()) return "No record ever differed from what came first.\n";
  Table table(
      {"RECEIVED", "GATEWAY", "EPOCH", "NUMBER", "REASON", "REQUEST", "PROMPT", "COMPLETION"});
  for (const Json& conflict : conflicts) {
    const Json* says = conflict.find("says");
    const Json none;
    const Json& billed = says != nullptr ? *says : none;
    table.add({cell(conflict, "received"), cell(conflict, "gateway"), cell(conflict, "epoch"),
               cell(conflict, "number"), cell(conflict, "reason"), cell(conflict, "request_id"),
               cell(billed, "prompt_tokens"), cell(billed, "completion_tokens")});
  }
  return table.render() + "What came first is what counts; these are what was said later.\n";
}

}  // namespace portolan::cli

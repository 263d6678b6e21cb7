#include "store/ledger_query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "store/ledger_table.h"
#include "wire/json_value.h"

namespace portolan::store {
namespace {

struct FieldSql {
  UsageField field;
  std::string_view name;
  std::string_view sql;
};

// Texts are stored as blobs, so what a date becomes is one too.
constexpr auto fields = std::to_array<FieldSql>({
    {UsageField::org, "org", "org"},
    {UsageField::workspace, "workspace", "workspace"},
    {UsageField::key, "key", "key_id"},
    {UsageField::model, "model", "model"},
    {UsageField::region, "region", "region"},
    {UsageField::zone, "zone", "zone"},
    {UsageField::entry_region, "entry_region", "entry_region"},
    {UsageField::hour, "hour",
     "CAST(strftime('%Y-%m-%dT%H:00:00Z', began / 1000000000, 'unixepoch') AS BLOB)"},
    {UsageField::day, "day", "CAST(strftime('%Y-%m-%d', began / 1000000000, 'unixepoch') AS BLOB)"},
});

const FieldSql& facts_of(UsageField field) {
  const auto found = std::ranges::find(fields, field, &FieldSql::field);
  check(found != fields.end(), "a field of usage outside its enumeration");
  return *found;
}

std::vector<std::string> compile_conditions(const LedgerQuery& query) {
  std::vector<std::string> conditions;
  for (const auto& each : fields) {
    const auto values =
        std::ranges::count(query.filters, each.field, &std::pair<UsageField, std::string>::first);
    if (values == 0) continue;
    const std::vector<std::string_view> marks(static_cast<std::size_t>(values), "?");
    conditions.push_back(fmt::format("{} IN ({})", each.sql, fmt::join(marks, ", ")));
  }
  if (query.from) conditions.emplace_back("began >= ?");
  if (query.until) conditions.emplace_back("began < ?");
  if (!query.after.empty()) {
    std::vector<std::string_view> group;
    for (const auto field : query.by) group.push_back(facts_of(field).sql);
    const std::vector<std::string_view> marks(group.size(), "?");
    conditions.push_back(
        fmt::format("({}) > ({})", fmt::join(group, ", "), fmt::join(marks, ", ")));
  }
  if (conditions.empty()) conditions.emplace_back("1");
  return conditions;
}

void bind_query(SqliteStatement& select, const LedgerQuery& query) {
  int place = 0;
  for (const auto& each : fields) {
    for (const auto& [field, value] : query.filters) {
      if (field == each.field) select.bind(++place, value);
    }
  }
  if (query.from) select.bind(++place, query.from->ns);
  if (query.until) select.bind(++place, query.until->ns);
  for (const auto& value : query.after) select.bind(++place, value);
  select.bind(++place, std::uint64_t{query.rows_max + 1});
}

Result<LedgerRow> read_row(const SqliteStatement& select, std::size_t fields_count) {
  LedgerRow row;
  int column = 0;
  for (std::size_t i = 0; i < fields_count; ++i) row.group.push_back(select.bytes(column++));
  row.requests = select.whole(column++);
  row.prompt_tokens = select.whole(column++);
  row.cached_tokens = select.whole(column++);
  row.completion_tokens = select.whole(column++);
  row.estimated = select.whole(column++);
  TRY(const auto outcomes, wire::parse_json(select.bytes(column), Code::store_failed));
  check(outcomes.as_object() != nullptr, "outcomes are an object");
  for (const auto& member : *outcomes.as_object()) {
    row.outcomes[member.name] = member.value.as_uint64().value_or(0);
  }
  return row;
}

}  // namespace

std::string_view name_of(UsageField field) { return facts_of(field).name; }

std::optional<UsageField> usage_field_named(std::string_view name) {
  const auto found = std::ranges::find(fields, name, &FieldSql::name);
  if (found == fields.end()) return std::nullopt;
  return found->field;
}

std::string compile_query(const LedgerQuery& query) {
  std::vector<std::string> columns;
  std::vector<std::string> names;
  for (const auto field : query.by) {
    names.push_back(fmt::format("g{}", names.size()));
    columns.push_back(fmt::format("{} AS {}", facts_of(field).sql, names.back()));
  }
  const auto comma = [](const std::vector<std::string>& list) {
    return list.empty() ? std::string() : fmt::format("{}, ", fmt::join(list, ", "));
  };
  // Inside: a row for each group and outcome. Outside: one for each group.
  const auto inner = fmt::format(
      "SELECT {}outcome, COUNT(*) AS requests, SUM(prompt) AS prompt, SUM(cached) AS cached, "
      "SUM(completion) AS completion, SUM(estimated) AS estimated FROM usage WHERE {} "
      "GROUP BY {}outcome",
      comma(columns), fmt::join(compile_conditions(query), " AND "), comma(names));
  const auto grouping = names.empty()
                            ? std::string("HAVING COUNT(*) > 0")
                            : fmt::format("GROUP BY {0} ORDER BY {0}", fmt::join(names, ", "));
  return fmt::format(
      "SELECT {}SUM(requests), SUM(prompt), SUM(cached), SUM(completion), SUM(estimated), "
      "json_group_object(CAST(outcome AS TEXT), requests) FROM ({}) {} LIMIT ?",
      comma(names), inner, grouping);
}

Result<LedgerPage> LedgerTable::query(const LedgerQuery& query) {
  const auto sql = compile_query(query);
  TRY(auto select, database_.prepare(sql.c_str()));
  bind_query(select, query);
  LedgerPage page;
  for (;;) {
    TRY(const bool row, select.step());
    if (!row) return page;
    page.more = page.rows.size() == query.rows_max;
    if (page.more) return page;
    TRY(auto read, read_row(select, query.by.size()));
    page.rows.push_back(std::move(read));
  }
}

}  // namespace portolan::store

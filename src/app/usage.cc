#include <CLI/CLI.hpp>
#include <array>
#include <iostream>
#include <utility>
#include <vector>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "cli/usage_view.h"
#include "wire/url.h"

namespace portolan::app {
namespace {

constexpr auto fields = std::to_array<std::pair<const char*, const char*>>({
    {"org", "only of these orgs"},
    {"workspace", "only of these workspaces"},
    {"key", "only of these keys' ids"},
    {"model", "only of these models"},
    {"region", "only executed in these regions"},
    {"zone", "only executed in these zones"},
    {"entry_region", "only entered in these regions"},
    {"hour", "only begun in these hours, as 2026-01-31T08:00:00Z"},
    {"day", "only begun on these days, as 2026-01-31"},
});
constexpr std::size_t pages_max = 1'000;

struct UsageFlags {
  std::vector<std::string> by;
  std::string from;
  std::string until;
  std::array<std::vector<std::string>, fields.size()> values;  // a filter for each field
  bool gaps = false;
  bool conflicts = false;
};

void add_parameter(std::string& query, std::string_view name, std::string_view value) {
  query += query.empty() ? '?' : '&';
  query += name;
  query += '=';
  wire::append_percent_encoded(query, value);
}

std::string query_of(const UsageFlags& flags) {
  std::string query;
  std::string by;
  for (const auto& field : flags.by) by += (by.empty() ? "" : ",") + field;
  if (!by.empty()) add_parameter(query, "by", by);
  if (!flags.from.empty()) add_parameter(query, "from", flags.from);
  if (!flags.until.empty()) add_parameter(query, "until", flags.until);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (const auto& value : flags.values[i]) add_parameter(query, fields[i].first, value);
  }
  return query;
}

Result<cli::UsageReport> ask_all_pages(const cli::AdminAccess& access, const UsageFlags& flags) {
  const std::string query = query_of(flags);
  cli::UsageReport report;
  std::string next;
  for (std::size_t pages = 0; pages < pages_max; ++pages) {
    std::string page = query;
    if (!next.empty()) add_parameter(page, "after", next);
    TRY(const auto answer, cli::call_admin(access, "GET", "/admin/v1/usage" + page, ""));
    TRY_DO(add_page(report, answer, next));
    if (next.empty()) return report;
  }
  return Fault{Code::limit_exceeded, Retry::never,
               "that is more than a million lines; narrow it with --from, --until or a filter"};
}

Status print_usage(const AdminFlags& admin, const UsageFlags& flags) {
  TRY(const auto access, access_of(admin));
  if (flags.gaps || flags.conflicts) {
    const std::string path = flags.gaps ? "/admin/v1/usage/gaps" : "/admin/v1/usage/conflicts";
    TRY(const auto answer, cli::call_admin(access, "GET", path, ""));
    if (admin.output == "json") {
      std::cout << wire::render_pretty(answer) << '\n';
    } else {
      std::cout << (flags.gaps ? cli::render_gaps(answer) : cli::render_conflicts(answer));
    }
    return {};
  }
  TRY(const auto report, ask_all_pages(access, flags));
  if (admin.output == "json") {
    std::cout << wire::render_pretty(render_usage_json(report)) << '\n';
  } else {
    std::cout << (admin.output == "csv" ? render_usage_csv(report) : render_usage_table(report));
  }
  return {};
}

void add_flags(CLI::App& command, UsageFlags& flags) {
  command
      .add_option("--by", flags.by,
                  "a line for each: org, workspace, key, model, region, zone, entry_region, hour, "
                  "day; several, separated by commas")
      ->delimiter(',');
  command.add_option("--from", flags.from, "requests begun then or later: a date or RFC 3339");
  command.add_option("--until", flags.until, "requests begun before then");
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::string name = std::string("--") + fields[i].first;
    std::ranges::replace(name, '_', '-');
    command.add_option(name, flags.values[i], fields[i].second)->delimiter(',');
  }
  auto* gaps =
      command.add_flag("--gaps", flags.gaps, "records that are known to exist and missing");
  command.add_flag("--conflicts", flags.conflicts, "records that differ from what came first")
      ->excludes(gaps);
}

}  // namespace

void add_usage(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("usage",
                                     "what was used, counted once, and how fresh the count is\n"
                                     "  portolan usage --by workspace,model\n"
                                     "  portolan usage --by day --from 2026-01-01 -o csv\n"
                                     "  portolan usage --gaps");
  auto flags = std::make_shared<UsageFlags>();
  auto admin = add_admin_flags(*command, {"table", "json", "csv"});
  add_flags(*command, *flags);
  command->callback([admin, flags, &exit_code] {
    const Status printed = print_usage(*admin, *flags);
    exit_code = printed ? 0 : print_fault("usage", printed.error());
  });
}

}  // namespace portolan::app

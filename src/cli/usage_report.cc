#include <algorithm>

#include "cli/usage_view.h"
#include "wire/json_cursor.h"
#include "world/time_text.h"

namespace portolan::cli {
namespace {

using wire::Json;
using wire::JsonCursor;

Status read_sums(const JsonCursor& row, UsageReport::Sums& sums) {
  TRY(sums.requests, row.count("requests"));
  TRY(sums.prompt_tokens, row.count("prompt_tokens"));
  TRY(sums.cached_tokens, row.count("cached_tokens"));
  TRY(sums.completion_tokens, row.count("completion_tokens"));
  TRY(sums.estimated_requests, row.count("estimated_requests"));
  TRY(const auto outcomes, row.member("outcomes"));
  TRY(sums.completed, outcomes.count_or("completed", 0));
  return {};
}

void add_sums(UsageReport::Sums& total, const UsageReport::Sums& more) {
  total.requests += more.requests;
  total.completed += more.completed;
  total.prompt_tokens += more.prompt_tokens;
  total.cached_tokens += more.cached_tokens;
  total.completion_tokens += more.completion_tokens;
  total.estimated_requests += more.estimated_requests;
}

Status read_freshness(const JsonCursor& page, UsageReport::Freshness& freshness) {
  freshness = {};
  TRY(const auto ledger, page.member("ledger"));
  TRY(freshness.now, ledger.text("now"));
  TRY(freshness.gaps, ledger.count("gaps"));
  TRY(freshness.missing_records, ledger.count("missing_records"));
  TRY(freshness.conflicts, ledger.count("conflicts"));
  TRY(const auto gateways, ledger.elements("gateways"));
  const auto now = world::parse_date(freshness.now);
  if (!now) return ledger.fault("'now' is no date");
  for (const auto& gateway : gateways) {
    TRY(const auto received, gateway.text_or("received", ""));
    if (received.empty()) continue;
    const auto at = world::parse_date(received);
    if (!at) return gateway.fault("'received' is no date");
    TRY(const auto name, gateway.text("gateway"));
    freshness.heard.push_back({std::string(name), *now - *at});
  }
  std::ranges::sort(freshness.heard, {}, &UsageReport::Freshness::Heard::ago);
  TRY(freshness.unheard, page.texts("gateways_not_heard_of"));
  return {};
}

}  // namespace

Status add_page(UsageReport& report, const Json& json, std::string& next) {
  const JsonCursor page(json, Code::malformed_peer);
  TRY(report.by, page.texts("by"));
  TRY(const auto rows, page.elements("rows"));
  for (const auto& each : rows) {
    auto& row = report.rows.emplace_back();
    for (const auto& field : report.by) {
      TRY(const auto value, each.text(field));
      row.group.emplace_back(value);
    }
    TRY_DO(read_sums(each, row.sums));
    add_sums(report.total, row.sums);
  }
  TRY_DO(read_freshness(page, report.freshness));
  TRY(const auto behind, page.text_or("next", ""));
  next = behind;
  Json* all = report.json.find("rows");
  if (all == nullptr) {
    report.json = json;
    return {};
  }
  for (const auto& each : rows) all->push(each.value());
  report.json.set("ledger", *json.find("ledger"));
  return {};
}

Json render_usage_json(const UsageReport& report) {
  Json total = Json::object();
  total.set("requests", report.total.requests).set("completed", report.total.completed);
  total.set("prompt_tokens", report.total.prompt_tokens);
  total.set("cached_tokens", report.total.cached_tokens);
  total.set("completion_tokens", report.total.completion_tokens);
  total.set("estimated_requests", report.total.estimated_requests);
  Json json = report.json;
  json.erase("next");
  json.set("total", std::move(total));
  return json;
}

}  // namespace portolan::cli

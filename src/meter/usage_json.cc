#include "meter/usage_json.h"

#include <variant>

#include "wire/usage_record.h"
#include "world/time_text.h"

namespace portolan::meter {
namespace {

using wire::Json;

// People compare these with clocks; a millisecond is fine enough.
Json date_json(WallTime time) {
  constexpr std::int64_t millisecond = 1'000'000;
  return world::render_date({time.ns / millisecond * millisecond});
}

Json row_json(const store::LedgerQuery& query, const store::LedgerRow& row) {
  auto json = Json::object();
  for (std::size_t i = 0; i < query.by.size(); ++i) {
    json.set(std::string(name_of(query.by[i])), row.group[i]);
  }
  json.set("requests", row.requests);
  json.set("prompt_tokens", row.prompt_tokens);
  json.set("cached_tokens", row.cached_tokens);
  json.set("completion_tokens", row.completion_tokens);
  json.set("estimated_requests", row.estimated);
  auto outcomes = Json::object();
  for (const auto& [outcome, requests] : row.outcomes) outcomes.set(outcome, requests);
  json.set("outcomes", std::move(outcomes));
  return json;
}

Json next_of(const store::LedgerPage& page) {
  if (!page.more) return nullptr;
  auto group = Json::array();
  for (const auto& value : page.rows.back().group) group.push(value);
  return wire::render_canonical(group);
}

Json billed_json(const std::string& bytes) {
  const auto read = wire::read_usage_record(bytes);
  if (!read || !*read) return nullptr;
  const auto body = wire::parse_usage_body(**read);
  const auto* close = body && *body ? std::get_if<wire::UsageClose>(&**body) : nullptr;
  if (close == nullptr) return nullptr;
  auto json = Json::object();
  json.set("workspace", close->request.workspace);
  json.set("model", close->request.model);
  json.set("outcome", close->outcome);
  json.set("prompt_tokens", close->counts.prompt.value);
  json.set("completion_tokens", close->counts.completion.value);
  return json;
}

}  // namespace

Json page_json(const store::LedgerQuery& query, const store::LedgerPage& page, Json ledger) {
  auto by = Json::array();
  for (const auto field : query.by) by.push(name_of(field));
  auto rows = Json::array();
  for (const auto& row : page.rows) rows.push(row_json(query, row));
  auto json = Json::object();
  json.set("by", std::move(by));
  json.set("rows", std::move(rows));
  json.set("next", next_of(page));
  json.set("ledger", std::move(ledger));
  return json;
}

Json status_json(const store::LedgerStatus& status, WallTime now) {
  auto gateways = Json::array();
  for (const auto& gateway : status.gateways) {
    auto each = Json::object();
    each.set("gateway", gateway.gateway);
    each.set("zone", gateway.zone);
    each.set("epoch", gateway.epoch);
    each.set("known", gateway.known);
    const bool heard = gateway.received.ns != 0;
    each.set("received", heard ? date_json(gateway.received) : Json());
    gateways.push(std::move(each));
  }
  auto json = Json::object();
  json.set("now", date_json(now));
  json.set("requests", status.requests);
  json.set("executions", status.executions);
  json.set("conflicts", status.conflicts);
  json.set("gaps", status.gaps);
  json.set("missing_records", status.missing);
  json.set("gateways", std::move(gateways));
  return json;
}

Json request_json(const std::string& id, const std::optional<store::LedgerRequest>& found) {
  auto json = Json::object();
  json.set("id", id);
  json.set("record", nullptr);
  if (!found) return json;
  auto record = Json::object();
  record.set("workspace", found->workspace);
  record.set("model", found->model);
  record.set("streamed", found->streamed);
  record.set("entry_zone", found->entry_zone);
  record.set("zone", found->zone);
  record.set("outcome", found->outcome);
  record.set("status", found->status);
  record.set("prompt_tokens", found->prompt_tokens);
  record.set("cached_tokens", found->cached_tokens);
  record.set("completion_tokens", found->completion_tokens);
  record.set("estimated", found->estimated);
  json.set("record", std::move(record));
  return json;
}

Json gaps_json(const std::vector<store::LedgerGap>& gaps) {
  auto list = Json::array();
  for (const auto& gap : gaps) {
    auto each = Json::object();
    each.set("gateway", gap.gateway);
    each.set("epoch", gap.epoch);
    each.set("first", gap.first);
    each.set("last", gap.last);
    each.set("since", date_json(gap.since));
    list.push(std::move(each));
  }
  auto json = Json::object();
  json.set("gaps", std::move(list));
  return json;
}

Json conflicts_json(const std::vector<store::LedgerConflict>& conflicts) {
  auto list = Json::array();
  for (const auto& conflict : conflicts) {
    auto each = Json::object();
    each.set("gateway", conflict.gateway);
    each.set("epoch", conflict.epoch);
    each.set("number", conflict.number);
    each.set("request_id", conflict.request_id);
    each.set("reason", conflict.reason);
    each.set("received", date_json(conflict.received));
    each.set("says", billed_json(conflict.bytes));
    list.push(std::move(each));
  }
  auto json = Json::object();
  json.set("conflicts", std::move(list));
  return json;
}

}  // namespace portolan::meter

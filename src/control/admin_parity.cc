#include <algorithm>
#include <set>
#include <utility>

#include "control/admin_api.h"
#include "control/parity_record.h"
#include "control/resource_reply.h"
#include "runtime/offload.h"
#include "wire/url.h"
#include "world/suggest.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

// "a,b": one or several.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

Result<ParityFilter> read_filter(std::string_view query) {
  TRY(const auto regions, wire::find_parameter(query, "region"));
  TRY(const auto models, wire::find_parameter(query, "model"));
  ParityFilter filter;
  if (regions) filter.regions = split(*regions);
  if (models) filter.models = split(*models);
  return filter;
}

wire::Json share_json(const policy::ParityShare& share) {
  auto json = wire::Json::object();
  json.set("wanted", share.wanted);
  json.set("has", share.has);
  json.set("percent", static_cast<double>(share.per_mille()) / 10);
  json.set("overdue", share.overdue);
  return json;
}

// The day since which that gap has been there, as it was recorded; null: not yet.
wire::Json since_json(const ParityRecord& record, const ParityGap& gap) {
  const auto region = record.open.find(gap.region);
  if (region == record.open.end()) return nullptr;
  const auto since = region->second.find(gap_name(gap));
  return since == region->second.end() ? wire::Json() : wire::Json(since->second);
}

// For a million tokens.
void add_price(wire::Json& json, const ParityGap& gap) {
  const auto render = [](std::uint64_t billionths) {
    return model::render_money({static_cast<std::int64_t>(billionths)});
  };
  json.set("currency", gap.item.currency);
  if (gap.missing != policy::Missing::too_dear) return;
  json.set("price", render(gap.found)).set("price_max", render(gap.item.amount));
}

wire::Json gap_json(const ParityGap& gap) {
  auto json = wire::Json::object();
  json.set("region", gap.region);
  json.set("model", gap.model);
  json.set("item", policy::name_of(gap.item.kind));
  if (!gap.item.feature.empty()) json.set("feature", gap.item.feature);
  if (policy::is_price(gap.item.kind)) {
    add_price(json, gap);
  } else if (gap.item.amount > 0) {
    json.set("wanted", gap.item.amount).set("found", gap.found);
  }
  json.set("items", gap.items);
  json.set("missing", policy::name_of(gap.missing));
  json.set("why", policy::sentence_of(gap.missing));
  if (!gap.rules.empty()) {
    auto rules = wire::Json::array();
    for (const auto& rule : gap.rules) rules.push(rule);
    json.set("rules", std::move(rules));
  }
  if (!gap.target.empty()) json.set("target", gap.target);
  if (gap.by != WallTime{INT64_MAX}) json.set("by", world::render_date(gap.by));
  json.set("overdue", gap.overdue);
  return json;
}

wire::Json head_json(const ParitySnapshot& snapshot) {
  const auto& numbers = snapshot.numbers;
  auto json = wire::Json::object();
  json.set("now", world::render_date(snapshot.now));
  json.set("world", version_json(numbers.of(numbers.world), numbers.world_hash));
  return json;
}

Result<Reply> parity_reply(const ParitySnapshot& snapshot, const ParityFilter& filter,
                           const store::Range& recorded) {
  const auto record = read_parity_record(recorded);
  TRY(const auto report, report_parity(snapshot, filter));
  auto targets = wire::Json::array();
  for (const auto& target : snapshot.contents->parity_targets) targets.push(target.name);
  policy::ParityShare whole;
  auto regions = wire::Json::array();
  for (const auto& [name, share] : report.regions) {
    whole.wanted += share.wanted;
    whole.has += share.has;
    whole.overdue += share.overdue;
    regions.push(share_json(share).set("region", name));
  }
  auto gaps = wire::Json::array();
  for (const auto& gap : report.gaps) {
    if (gaps.as_array()->size() >= parity_gaps_shown_max.count()) continue;
    gaps.push(gap_json(gap).set("since", since_json(record, gap)));
  }
  auto json = head_json(snapshot);
  json.set("targets", std::move(targets));
  json.set("whole", share_json(whole));
  json.set("regions", std::move(regions));
  json.set("gaps_left_out", report.gaps.size() - gaps.as_array()->size());
  json.set("gaps", std::move(gaps));
  return json_reply(json);
}

// A percentage and the lowest of its day.
wire::Json day_json(const std::string& region, const DayShare& share) {
  auto json = wire::Json::object();
  json.set("region", region);
  json.set("percent", static_cast<double>(share.last) / 10);
  json.set("lowest", static_cast<double>(share.lowest) / 10);
  return json;
}

// Of regions that are no more, too.
Status check_recorded(const ParityRecord& record, const std::vector<std::string>& regions) {
  std::set<std::string_view> names;
  for (const auto& [day, shares] : record.days) {
    for (const auto& [region, share] : shares) names.insert(region);
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  for (const auto& region : regions) {
    if (names.contains(region)) continue;
    return Fault{
        Code::invalid_parameter, Retry::never,
        "Nothing is recorded of a region '" + region + "'." + world::did_you_mean(region, known)};
  }
  return {};
}

Result<Reply> history_reply(const store::Range& recorded, const std::vector<std::string>& regions) {
  const auto record = read_parity_record(recorded);
  TRY_DO(check_recorded(record, regions));
  auto days = wire::Json::array();
  for (const auto& [day, shares] : record.days) {
    auto list = wire::Json::array();
    for (const auto& [region, share] : shares) {
      const bool asked = regions.empty() || std::ranges::find(regions, region) != regions.end();
      if (asked) list.push(day_json(region, share));
    }
    auto json = wire::Json::object();
    json.set("day", day);
    json.set("regions", std::move(list));
    days.push(std::move(json));
  }
  auto json = wire::Json::object();
  json.set("days", std::move(days));
  return json_reply(json);
}

Result<Reply> products_reply(const ParitySnapshot& snapshot, const ParityFilter& filter) {
  TRY(auto products, report_products(snapshot, filter));
  auto json = head_json(snapshot);
  json.set("products", std::move(products));
  return json_reply(json);
}

}  // namespace

runtime::Task<Result<Reply>> AdminApi::get_parity(AdminCall call) {
  CO_TRY(auto filter, read_filter(call.query));
  // Without its store control still says what is missing, and not since when.
  auto stored = co_await control_.read_parity();
  auto work = [snapshot = parity_snapshot(control_.state(), control_.gateways(), shard_.wall_now()),
               filter = std::move(filter),
               recorded = stored ? std::move(*stored) : store::Range()] {
    return parity_reply(snapshot, filter, recorded);
  };
  auto offloaded = runtime::offload(shard_, std::move(work));
  auto reply = co_await offloaded;
  co_return reply;
}

runtime::Task<Result<Reply>> AdminApi::get_parity_history(AdminCall call) {
  CO_TRY(const auto filter, read_filter(call.query));
  CO_TRY(const auto recorded, co_await control_.read_parity());
  co_return history_reply(recorded, filter.regions);
}

runtime::Task<Result<Reply>> AdminApi::get_products(AdminCall call) {
  CO_TRY(auto filter, read_filter(call.query));
  auto work = [snapshot = parity_snapshot(control_.state(), control_.gateways(), shard_.wall_now()),
               filter = std::move(filter)] { return products_reply(snapshot, filter); };
  auto offloaded = runtime::offload(shard_, std::move(work));
  auto reply = co_await offloaded;
  co_return reply;
}

}  // namespace portolan::control

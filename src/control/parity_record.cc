#include "control/parity_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "world/time_text.h"

namespace portolan::control {
namespace {

constexpr std::int64_t seconds_a_day = 86'400;

std::string render_day(const std::map<std::string, DayShare>& regions) {
  auto json = wire::Json::object();
  for (const auto& [region, share] : regions) {
    auto both = wire::Json::array();
    both.push(share.last).push(share.lowest);
    json.set(region, std::move(both));
  }
  return wire::render_canonical(json);
}

std::map<std::string, DayShare> read_day(const wire::Json& json) {
  std::map<std::string, DayShare> regions;
  if (json.as_object() == nullptr) return regions;
  for (const auto& [region, value] : *json.as_object()) {
    const auto* both = value.as_array();
    if (both == nullptr || both->size() != 2) continue;
    regions[region] = {(*both)[0].as_uint64().value_or(0), (*both)[1].as_uint64().value_or(0)};
  }
  return regions;
}

std::string render_open(const std::map<std::string, std::string>& gaps) {
  auto json = wire::Json::object();
  for (const auto& [gap, day] : gaps) json.set(gap, day);
  return wire::render_canonical(json);
}

std::map<std::string, std::string> read_open(const wire::Json& json) {
  std::map<std::string, std::string> gaps;
  if (json.as_object() == nullptr) return gaps;
  for (const auto& [gap, day] : *json.as_object()) {
    if (day.as_string() != nullptr) gaps.emplace(gap, *day.as_string());
  }
  return gaps;
}

// Puts or deletes keys of which it is known how they stand.
class Writing {
 public:
  explicit Writing(const ParityRecord& record) : record_(record) {}

  void put(std::string key, std::string value) {
    compare(key);
    transaction.puts.push_back({.key = std::move(key), .value = std::move(value), .lease = 0});
  }
  void remove(std::string key) {
    compare(key);
    transaction.deletes.push_back(std::move(key));
  }

  store::Transaction transaction;

 private:
  void compare(const std::string& key) {
    const auto found = record_.revisions.find(key);
    transaction.compares.push_back(
        {.key = key, .mod_revision = found == record_.revisions.end() ? 0 : found->second});
  }

  const ParityRecord& record_;
};

std::string key_of(std::string_view prefix, std::string_view name) {
  return fmt::format("{}{}", prefix, name);
}

void record_day(ParityRecord& record, const ParityReport& report, const std::string& today,
                const std::set<std::string>& unheard, Writing& writing) {
  auto& regions = record.days[today];
  const auto before = regions;
  for (const auto& [region, share] : report.regions) {
    if (unheard.contains(region)) continue;
    const auto now = share.per_mille();
    const auto found = regions.find(region);
    const auto lowest = found == regions.end() ? now : std::min(found->second.lowest, now);
    regions.insert_or_assign(region, DayShare{now, lowest});
  }
  if (regions != before) writing.put(key_of(parity_day_prefix, today), render_day(regions));
  while (record.days.size() > parity_days_max.count()) {
    const auto oldest = record.days.begin();
    writing.remove(key_of(parity_day_prefix, oldest->first));
    record.days.erase(oldest);
  }
}

void record_open(ParityRecord& record, const ParityReport& report, const std::string& today,
                 const std::set<std::string>& unheard, Writing& writing) {
  std::map<std::string, std::map<std::string, std::string>> open;
  for (const auto& gap : report.gaps) {
    auto& gaps = open[gap.region];
    if (gaps.size() >= parity_open_gaps_max.count()) continue;
    const auto name = gap_name(gap);
    const auto& known = record.open[gap.region];
    const auto since = known.find(name);
    gaps.emplace(name, since == known.end() ? today : since->second);
  }
  for (const auto& region : unheard) {
    const auto known = record.open.find(region);
    open.erase(region);
    if (known != record.open.end()) open.emplace(known->first, known->second);
  }
  for (const auto& [region, gaps] : record.open) {
    if (!gaps.empty() && !open.contains(region)) writing.remove(key_of(parity_open_prefix, region));
  }
  for (const auto& [region, gaps] : open) {
    if (record.open[region] != gaps) {
      writing.put(key_of(parity_open_prefix, region), render_open(gaps));
    }
  }
  record.open = std::move(open);
}

}  // namespace

std::string gap_name(const ParityGap& gap) {
  std::string name = fmt::format("{} {}", gap.model, policy::name_of(gap.item.kind));
  if (!gap.item.feature.empty()) name += " " + gap.item.feature;
  if (!gap.item.currency.empty()) name += " " + gap.item.currency;
  // How much a price may be moves with other prices; the gap is the same.
  if (gap.item.amount > 0 && !policy::is_price(gap.item.kind)) {
    name += fmt::format(" {}", gap.item.amount);
  }
  return name;
}

std::string day_of(WallTime time) {
  const auto seconds = time.unix_seconds();
  return world::render_date(WallTime::from_unix_seconds(seconds - seconds % seconds_a_day));
}

ParityRecord read_parity_record(const store::Range& range) {
  ParityRecord record;
  for (const auto& item : range.items) {
    const std::string_view key = item.key;
    const auto json = wire::parse_json(item.value);
    record.revisions[item.key] = item.mod_revision;
    if (!json) continue;
    if (key.starts_with(parity_day_prefix)) {
      record.days.emplace(key.substr(parity_day_prefix.size()), read_day(*json));
    } else if (key.starts_with(parity_open_prefix)) {
      record.open.emplace(key.substr(parity_open_prefix.size()), read_open(*json));
    }
  }
  return record;
}

store::Transaction record_parity(ParityRecord& record, const ParityReport& report,
                                 const std::string& today, const std::set<std::string>& unheard) {
  Writing writing(record);
  record_day(record, report, today, unheard, writing);
  record_open(record, report, today, unheard, writing);
  return std::move(writing.transaction);
}

}  // namespace portolan::control

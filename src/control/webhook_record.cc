#include "control/webhook_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "wire/json_value.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

using Lacks = std::vector<std::string>;
using Served = std::map<std::string, Lacks>;  // by model

constexpr std::string_view unheard_value = "null";

// "webhook/told/" alone has no region.
std::string told_region_key(std::string_view region) {
  return fmt::format("{}{}", webhook_told_prefix, region);
}

std::string event_key(std::uint64_t number) {
  return fmt::format("{}{:020}", webhook_event_prefix, number);
}

std::string render_served(const Served& served) {
  auto json = wire::Json::object();
  for (const auto& [model, lacks] : served) {
    auto list = wire::Json::array();
    for (const auto& each : lacks) list.push(each);
    json.set(model, std::move(list));
  }
  return wire::render_canonical(json);
}

void read_served(const std::string& region, const wire::Json& json, policy::Catalogue& told) {
  for (const auto& [model, list] : *json.as_object()) {
    policy::Catalogue::Offer offer{.served = true, .less = {}, .why = {}};
    if (list.as_array() == nullptr) continue;
    for (const auto& each : *list.as_array()) {
      if (each.as_string() != nullptr) offer.less.push_back(*each.as_string());
    }
    told.offers.emplace(std::pair(model, region), std::move(offer));
  }
}

std::map<std::string, Served> by_region(const policy::Catalogue& catalogue) {
  std::map<std::string, Served> regions;
  for (const auto& [where, offer] : catalogue.offers) {
    if (offer.served) regions[where.second].emplace(where.first, offer.less);
  }
  return regions;
}

// What is told once these changes are.
policy::Catalogue told_with(policy::Catalogue told, const policy::Catalogue& now,
                            const std::vector<policy::CatalogueChange>& changes) {
  for (const auto& change : changes) {
    const std::pair where(change.model, change.region);
    const auto is = now.offers.find(where);
    if (is == now.offers.end() || !is->second.served) {
      told.offers.erase(where);
    } else {
      told.offers.insert_or_assign(where, is->second);
    }
  }
  return told;
}

void compare(store::Transaction& transaction, const WebhookRecord& record, const std::string& key) {
  const auto found = record.revisions.find(key);
  transaction.compares.push_back(
      {.key = key, .mod_revision = found == record.revisions.end() ? 0 : found->second});
}

void put(store::Transaction& transaction, std::string key, std::string value) {
  transaction.puts.push_back({.key = std::move(key), .value = std::move(value), .lease = 0});
}

// Of the regions where the two differ.
void write_told(store::Transaction& transaction, const WebhookRecord& record,
                const policy::Catalogue& told) {
  const auto before = by_region(record.told);
  const auto after = by_region(told);
  for (const auto& [region, served] : after) {
    const auto found = before.find(region);
    if (found != before.end() && found->second == served) continue;
    compare(transaction, record, told_region_key(region));
    put(transaction, told_region_key(region), render_served(served));
  }
  for (const auto& [region, served] : before) {
    if (after.contains(region)) continue;
    compare(transaction, record, told_region_key(region));
    transaction.deletes.push_back(told_region_key(region));
  }
}

void write_unheard(store::Transaction& transaction, const WebhookRecord& record,
                   const CatalogueNews& news) {
  const auto served = by_region(news.now);
  for (const auto& region : news.unknown) {
    if (served.contains(region)) continue;
    compare(transaction, record, told_region_key(region));
    put(transaction, told_region_key(region), std::string(unheard_value));
  }
}

// Of those that were unheard.
std::set<std::string> newly_known(const WebhookRecord& record, const CatalogueNews& news) {
  auto known = record.unheard;
  std::erase_if(known, [&](const auto& region) { return news.unknown.contains(region); });
  return known;
}

policy::Catalogue without_unknown(const WebhookRecord& record, const CatalogueNews& news) {
  auto unheard = record.unheard;
  std::erase_if(unheard, [&](const auto& region) { return !news.unknown.contains(region); });
  return keep_unheard(news.now, record, unheard);
}

// The record with what regions serve that are known for the first time.
WebhookRecord with_newly_known(store::Transaction& transaction, WebhookRecord record,
                               const CatalogueNews& news) {
  const auto served = by_region(news.now);
  for (const auto& region : newly_known(record, news)) {
    record.unheard.erase(region);
    compare(transaction, record, told_region_key(region));
    const auto found = served.find(region);
    if (found == served.end()) {
      transaction.deletes.push_back(told_region_key(region));
      continue;
    }
    put(transaction, told_region_key(region), render_served(found->second));
    for (const auto& [where, offer] : news.now.offers) {
      if (where.second == region && offer.served) record.told.offers.emplace(where, offer);
    }
  }
  return record;
}

}  // namespace

WebhookRecord read_webhook_record(const store::Range& range) {
  WebhookRecord record;
  for (const auto& item : range.items) {
    record.revisions[item.key] = item.mod_revision;
    const auto region = item.key.substr(webhook_told_prefix.size());
    if (region.empty()) {
      record.began = true;
    } else if (item.value == unheard_value) {
      record.unheard.insert(region);
    } else if (const auto json = wire::parse_json(item.value); json && json->as_object()) {
      read_served(region, *json, record.told);
    }
  }
  return record;
}

WebhookQueue read_webhook_queue(const store::Range& events) {
  WebhookQueue queue{.waiting = events.items.size(), .last = 0};
  if (events.items.empty()) return queue;
  const auto number = std::string_view(events.items.back().key).substr(webhook_event_prefix.size());
  std::from_chars(number.data(), number.data() + number.size(), queue.last);
  return queue;
}

std::string render_event(const policy::CatalogueChange& change, const EventFacts& facts) {
  auto json = wire::Json::object();
  json.set("id", facts.make_id());
  json.set("type", "model." + change.what);
  json.set("time", world::render_date(WallTime::from_unix_seconds(facts.now.unix_seconds())));
  json.set("network", facts.network);
  json.set("model", change.model);
  json.set("region", change.region);
  if (!change.how.empty()) json.set("how", change.how);
  return wire::render_canonical(json);
}

std::optional<WallTime> time_of_event(std::string_view event) {
  const auto json = wire::parse_json(event);
  const auto* time = json ? json->find("time") : nullptr;
  if (time == nullptr || time->as_string() == nullptr) return std::nullopt;
  return world::parse_date(*time->as_string());
}

policy::Catalogue keep_unheard(policy::Catalogue now, const WebhookRecord& record,
                               const std::set<std::string>& unheard) {
  if (unheard.empty()) return now;
  std::erase_if(now.offers, [&](const auto& each) { return unheard.contains(each.first.second); });
  for (const auto& [where, offer] : record.told.offers) {
    if (unheard.contains(where.second)) now.offers.emplace(where, offer);
  }
  return now;
}

std::set<std::string> unknown_regions(const CatalogueLook& last, const CatalogueLook& now) {
  std::set<std::string> unknown = now.unheard;
  unknown.insert(last.unheard.begin(), last.unheard.end());
  for (const auto& change : policy::compare_catalogues(last.seen, now.seen)) {
    unknown.insert(change.region);
  }
  return unknown;
}

bool has_news(const WebhookRecord& record, const CatalogueNews& news) {
  return !record.began || !newly_known(record, news).empty() ||
         !policy::compare_catalogues(record.told, without_unknown(record, news)).empty();
}

store::Transaction tell_changes(const WebhookRecord& record, const CatalogueNews& news,
                                const WebhookQueue& queue, const EventFacts& facts) {
  store::Transaction transaction;
  if (!record.began) {
    compare(transaction, record, told_region_key(""));
    put(transaction, told_region_key(""), world::render_date(facts.now));
    write_told(transaction, record, news.now);
    write_unheard(transaction, record, news);
    return transaction;
  }
  const auto known = with_newly_known(transaction, record, news);
  const auto now = without_unknown(record, news);
  auto changes = policy::compare_catalogues(known.told, now);
  const auto room =
      webhook_events_max.count() - std::min(queue.waiting, webhook_events_max.count());
  if (changes.size() > room) changes.resize(room);
  write_told(transaction, known, told_with(known.told, now, changes));
  auto number = queue.last;
  for (const auto& change : changes) {
    const auto key = event_key(++number);
    transaction.compares.push_back({.key = key, .mod_revision = 0});
    put(transaction, key, render_event(change, facts));
  }
  return transaction;
}

}  // namespace portolan::control

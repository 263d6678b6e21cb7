#include "control/webhook_record.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "wire/json_value.h"

namespace portolan::control {
namespace {

using policy::Catalogue;

constexpr WallTime noon = WallTime::from_unix_seconds(1'767'268'800);

// A store's part under webhook/, with all that control does of it.
struct Kept {
  std::map<std::string, std::string> values;
  std::uint64_t ids = 0;

  store::Range range(std::string_view prefix) const {
    store::Range range;
    for (const auto& [key, value] : values) {
      if (key.starts_with(prefix)) range.items.push_back({key, value, 1, 7});
    }
    return range;
  }
  store::Range events() const { return range(webhook_event_prefix); }
  WebhookRecord record() const { return read_webhook_record(range(webhook_told_prefix)); }
  EventFacts facts() {
    return {"net", noon, [this] { return "evt_" + std::to_string(++ids); }};
  }

  // Whether something was written.
  bool tell(const Catalogue& now, std::set<std::string> unknown = {}) {
    const CatalogueNews news{now, std::move(unknown)};
    const bool expected = has_news(record(), news);
    const auto transaction = tell_changes(record(), news, read_webhook_queue(events()), facts());
    EXPECT_TRUE(expected || (transaction.puts.empty() && transaction.deletes.empty()));
    for (const auto& put : transaction.puts) values[put.key] = put.value;
    for (const auto& key : transaction.deletes) values.erase(key);
    return !transaction.puts.empty() || !transaction.deletes.empty();
  }

  std::vector<std::string> types() const {
    std::vector<std::string> types;
    for (const auto& item : events().items) {
      const auto json = wire::parse_json(item.value).value();
      types.push_back(*json.find("region")->as_string() + " " + *json.find("type")->as_string());
    }
    return types;
  }
};

Catalogue serving(std::initializer_list<const char*> regions) {
  Catalogue catalogue;
  for (const char* region : regions) catalogue.offers[{"big", region}] = {true, {}, {}};
  return catalogue;
}

using Lines = std::vector<std::string>;

TEST(WebhookRecord, MakesNoMoreEventsThanThereIsRoomForAndTheRestLater) {
  Kept kept;
  kept.tell(serving({}));
  Catalogue many;
  const auto models = webhook_events_max.count() + 3;
  for (std::size_t i = 0; i < models; ++i) {
    many.offers[{"m" + std::to_string(i), "eu"}] = {true, {}, {}};
  }
  EXPECT_TRUE(kept.tell(many));
  EXPECT_EQ(kept.events().items.size(), webhook_events_max.count());
  EXPECT_FALSE(kept.tell(many)) << "there is no room";
  // One that changed back meanwhile is not told at all.
  const auto last = policy::compare_catalogues(kept.record().told, many).back().model;
  many.offers.erase({last, "eu"});
  for (int taken = 0; taken < 10; ++taken) kept.values.erase(kept.events().items.front().key);
  EXPECT_TRUE(kept.tell(many));
  EXPECT_EQ(kept.events().items.size(), webhook_events_max.count() - 10 + 2);
  EXPECT_FALSE(kept.tell(many));
}

TEST(WebhookRecord, WhatCannotBeReadCountsAsNeverTold) {
  Kept kept;
  kept.values = {{"webhook/told/", ""},
                 {"webhook/told/cn", "{"},
                 {"webhook/told/eu", R"({"big":3,"small":["x",1]})"}};
  const auto record = kept.record();
  EXPECT_TRUE(record.began);
  EXPECT_EQ(record.told.offers.size(), 1u);
  EXPECT_EQ(record.told.offers.at({"small", "eu"}).less, Lines{"x"});
  EXPECT_FALSE(time_of_event("{"));
  EXPECT_FALSE(time_of_event(R"({"time": 3})"));
}

TEST(WebhookRecord, WritesOnlyWhereNobodyElseDid) {
  Kept kept;
  kept.tell(serving({"cn", "eu"}));
  const auto transaction = tell_changes(kept.record(), {serving({"eu", "sg"}), {}},
                                        {.waiting = 4, .last = 9}, kept.facts());
  std::vector<std::pair<std::string, std::uint64_t>> compared;
  for (const auto& each : transaction.compares) compared.emplace_back(each.key, each.mod_revision);
  const std::string numbered = "webhook/event/0000000000000000001";
  EXPECT_EQ(compared, (std::vector<std::pair<std::string, std::uint64_t>>{{"webhook/told/sg", 0},
                                                                          {"webhook/told/cn", 7},
                                                                          {numbered + "0", 0},
                                                                          {numbered + "1", 0}}));
  EXPECT_EQ(transaction.deletes, Lines{"webhook/told/cn"});
}

TEST(WebhookRecord, TheFirstTimeNothingIsAnEvent) {
  Kept kept;
  EXPECT_TRUE(kept.tell(serving({"cn", "eu"})));
  EXPECT_EQ(kept.types(), Lines{});
  EXPECT_FALSE(kept.tell(serving({"cn", "eu"})));
}

TEST(WebhookRecord, TellsEachChangeOnce) {
  Kept kept;
  kept.tell(serving({"cn", "eu"}));
  auto now = serving({"eu", "sg"});
  now.offers[{"big", "eu"}].less = {"without tools"};
  now.offers[{"big", "cn"}] = {false, {}, "it is dead"};
  EXPECT_TRUE(kept.tell(now));
  EXPECT_EQ(kept.types(), (Lines{"cn model.leaves", "eu model.degrades", "sg model.appears"}));
  EXPECT_FALSE(kept.tell(now));
  now.offers[{"big", "eu"}].less = {};
  EXPECT_TRUE(kept.tell(now));
  EXPECT_EQ(kept.types().back(), "eu model.recovers");
  const auto event = wire::parse_json(kept.events().items.front().value).value();
  EXPECT_EQ(event, wire::parse_json(R"({"id": "evt_1", "type": "model.leaves", "network": "net",
      "time": "2026-01-01T12:00:00Z", "model": "big", "region": "cn", "how": "it is dead"})")
                       .value());
  EXPECT_EQ(time_of_event(kept.events().items.front().value), noon);
}

TEST(WebhookRecord, ARegionThatIsNotHeardOfStaysAsItWasTold) {
  Kept kept;
  kept.tell(serving({"cn", "eu"}));
  auto now = serving({"eu"});
  now.offers[{"big", "cn"}] = {false, {}, "silence"};
  EXPECT_FALSE(kept.tell(keep_unheard(now, kept.record(), {"cn"})));
  EXPECT_TRUE(kept.tell(keep_unheard(now, kept.record(), {"sg"})));
}

TEST(WebhookRecord, WhatServedAtFirstIsNoEventWhenAnotherControlHearsOfIt) {
  Kept kept;
  kept.tell(serving({"eu"}), {"cn", "sg"});
  EXPECT_FALSE(kept.tell(serving({"eu"}), {"cn", "sg"}));
  EXPECT_FALSE(kept.tell(serving({"cn", "eu"}), {"cn", "sg"})) << "two looks do not agree";
  EXPECT_TRUE(kept.tell(serving({"cn", "eu"}), {"sg"}));
  EXPECT_EQ(kept.types(), Lines{});
  EXPECT_TRUE(kept.tell(serving({"eu"}), {"sg"}));
  EXPECT_EQ(kept.types(), Lines{"cn model.leaves"});
}

TEST(WebhookRecord, WhatAppearsInARegionThatServedNothingAtFirstIsAnEvent) {
  Kept kept;
  kept.tell(serving({"eu"}), {"sg"});
  EXPECT_TRUE(kept.tell(serving({"eu"}))) << "it is heard of, and serves nothing";
  EXPECT_TRUE(kept.tell(serving({"eu", "sg"})));
  EXPECT_TRUE(kept.tell(serving({"cn", "eu", "sg"}), {"us"})) << "a region that is new";
  EXPECT_EQ(kept.types(), (Lines{"sg model.appears", "cn model.appears"}));
}

TEST(WebhookRecord, OfTwoLooksWhatIsNotTheSameIsUnknown) {
  const CatalogueLook last{serving({"cn", "eu"}), {"sg"}};
  EXPECT_EQ(unknown_regions(last, {serving({"eu", "sg"}), {"us"}}),
            (std::set<std::string>{"cn", "sg", "us"}));
  EXPECT_EQ(unknown_regions(last, {serving({"cn", "eu"}), {}}), std::set<std::string>{"sg"});
}

}  // namespace
}  // namespace portolan::control

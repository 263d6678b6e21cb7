#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "base/limits.h"
#include "base/time.h"
#include "policy/catalogue.h"
#include "store/control_store.h"

namespace portolan::control {

inline constexpr Limit webhook_events_max{
    "webhook_events_max", 2'000,
    "that wait for the webhook's receiver; what changes beyond is told when there is room"};

// How what a webhook is told stands in a ControlStore, beside State:
//   webhook/told/             the date since when changes are told
//   webhook/told/<region>     JSON: the models it serves and what they lack, as told last; null:
//                             it was there at the first, and no control has heard of it yet
//   webhook/event/<number>    what no receiver has taken yet, as it is posted; 20 digits
//   webhook/sender            held by a lease by the control that posts
inline constexpr std::string_view webhook_prefix = "webhook/";
inline constexpr std::string_view webhook_told_prefix = "webhook/told/";
inline constexpr std::string_view webhook_event_prefix = "webhook/event/";
inline constexpr std::string_view webhook_sender_key = "webhook/sender";

// What was told last; of offers those that are served.
struct WebhookRecord {
  bool began = false;
  policy::Catalogue told;
  std::set<std::string> unheard;                   // regions: what they serve at first is no event
  std::map<std::string, std::uint64_t> revisions;  // of the keys it stands in
};

// What cannot be read counts as never told.
WebhookRecord read_webhook_record(const store::Range& told);

// The events that wait already.
struct WebhookQueue {
  std::size_t waiting = 0;
  std::uint64_t last = 0;  // number of the newest one
};
WebhookQueue read_webhook_queue(const store::Range& events);

// What every event says of itself. An id is given once, whatever is restored or restarted.
struct EventFacts {
  std::string network;
  WallTime now;
  std::function<std::string()> make_id;
};

// The posted JSON: id, type ("model.appears"), time, network, model, region, and a sentence
// where there is one.
std::string render_event(const policy::CatalogueChange& change, const EventFacts& facts);
// The date of one that waits; nothing for what is none.
std::optional<WallTime> time_of_event(std::string_view event);

// `now` without what is not known of it: regions in `unheard` are as they were told.
policy::Catalogue keep_unheard(policy::Catalogue now, const WebhookRecord& record,
                               const std::set<std::string>& unheard);

// What one look saw, and the regions that were not heard of.
struct CatalogueLook {
  policy::Catalogue seen;
  std::set<std::string> unheard;
};
// The regions of which two looks in a row do not show what they serve.
std::set<std::string> unknown_regions(const CatalogueLook& last, const CatalogueLook& now);

// What two looks agree on. The regions in `unknown` are told of as `unheard`, where they are new.
struct CatalogueNews {
  policy::Catalogue now;
  std::set<std::string> unknown;
};
// Whether there is anything to write.
bool has_news(const WebhookRecord& record, const CatalogueNews& news);

// Puts events for what is not as it was told, as many as there is room for, and with them that
// they are told: both or neither. The first time nothing is an event, nor is the first time that
// an unheard region is known. What has to be written, or a transaction that changes nothing.
store::Transaction tell_changes(const WebhookRecord& record, const CatalogueNews& news,
                                const WebhookQueue& queue, const EventFacts& facts);

}  // namespace portolan::control

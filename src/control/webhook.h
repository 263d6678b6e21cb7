#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "control/control.h"
#include "control/webhook_post.h"
#include "control/webhook_record.h"

namespace portolan::control {

inline constexpr Limit webhook_look_ms{
    "webhook_look_ms", 3'000,
    "how often the catalogue is looked at for a webhook; what two looks agree on is told"};
inline constexpr Limit webhook_pause_ms_max{
    "webhook_pause_ms_max", 300'000,
    "between two attempts at an event; the first pause is 1 s, each next one twice as long"};
inline constexpr Limit webhook_event_hours_max{
    "webhook_event_hours_max", 24, "for which an event that nobody takes is posted again"};
inline constexpr Limit webhook_sender_ms{
    "webhook_sender_ms", 15'000, "after it another control posts events whose sender is gone"};

// The pause after so many failures in a row, one or more.
Duration webhook_pause(std::uint64_t failures);

// Of this process.
struct WebhookTally {
  std::uint64_t delivered = 0;
  std::uint64_t failures = 0;  // attempts that came to nothing
  std::uint64_t given_up = 0;
};

// Tells a receiver of models that appear, degrade, recover and leave in a region.
//
// What changes is put into the store as events, by the same commit that says it is told, and an
// event leaves the store when the receiver took it or nobody did for webhook_event_hours_max: each
// is delivered at least once, in order, across restarts. While webhook_events_max wait, no more
// are made; what is different from what was told by then is told when there is room.
//
// Lives on: control's shard.  Owner: the process's root task, which awaits close() before it
// destroys it. Takes no turn among control's changes, so none of them waits for a receiver.
class Webhook {
 public:
  // `credentials`: null for plain HTTP.
  Webhook(runtime::Shard& shard, Control& control, store::ControlStore& store, WebhookPlace place,
          std::shared_ptr<const runtime::Credentials> credentials);

  // Both run until they are cancelled.
  runtime::Task<void> observe();
  runtime::Task<void> deliver();

  const WebhookTally& tally() const { return tally_; }
  // Events that wait in the store. Errors: those of the store.
  runtime::Task<Result<std::size_t>> waiting();

  runtime::Task<void> close() { return pool_.close(); }

 private:
  runtime::Task<Result<store::Range>> read(std::string prefix, std::uint64_t most);
  runtime::Task<Status> look();
  runtime::Task<Status> tell(CatalogueNews news);
  EventFacts event_facts();

  // Of several controls on one store one posts.
  runtime::Task<Result<bool>> may_post();
  runtime::Task<Result<bool>> take_lease();
  // Whether there may be more to do at once.
  runtime::Task<Result<bool>> deliver_next();
  runtime::Task<Result<bool>> deliver_event(store::KeyValue event);
  bool give_up(const store::KeyValue& event, const Fault& why);
  void note_failure(const Fault& why);
  runtime::Task<Status> wait_for_event();

  runtime::Shard& shard_;
  Control& control_;
  store::ControlStore& store_;
  WebhookPlace place_;
  http::Pool pool_;
  runtime::Event appended_;
  std::optional<WebhookRecord> record_;            // as it was read last; nothing: to be read
  std::optional<CatalogueLook> last_;              // of the look before
  std::uint64_t lease_ = 0;                        // 0: another control posts
  std::pair<std::string, std::uint64_t> settled_;  // key and revision: it only has to be deleted
  std::uint64_t failures_ = 0;                     // in a row
  Instant next_attempt_;
  WebhookTally tally_;
};

}  // namespace portolan::control

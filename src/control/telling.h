#pragma once

#include <map>
#include <string>
#include <vector>

#include "control/gateway_records.h"
#include "control/told_document.h"
#include "runtime/shard.h"
#include "store/control_store.h"

namespace portolan::control {

inline constexpr Limit told_lease_ms{
    "told_lease_ms", 10'000,
    "after it what a control that is gone was told by gateways counts no more at the others"};
inline constexpr Limit told_facts_ms{
    "told_facts_ms", 1'500,
    "other controls know so soon what a gateway holds, refuses or has lost"};
inline constexpr Limit told_counts_ms{
    "told_counts_ms", 5'000,
    "the same of counts of requests, while a World or an opening is on its way"};
inline constexpr Limit told_idle_ms{"told_idle_ms", 600'000,
                                    "the same of counts of requests, while nothing is on its way"};

// What gateways tell this control, put into the store for the others.
//
// It goes through the store, and not from control to control, because then nobody needs another
// one's address, and a word is taken back by the store itself when the control that heard it dies.
// It is written beside the polls, by a task of its own, so that a slow store delays no gateway; a
// control that is alone writes one empty document and no more.
//
// Lives on: control's shard.  Owner: the Control, whose records outlive it.
class Telling {
 public:
  Telling(runtime::Shard& shard, store::ControlStore& store, const GatewayRecords& heard,
          std::string network)
      : shard_(shard), store_(store), heard_(heard), network_(std::move(network)) {}

  struct Audience {
    bool others = false;  // there are other controls
    bool soon = false;    // they judge by it now
  };
  // Writes what is due. To be called every second or so. Errors: those of the store.
  runtime::Task<Status> look(Audience audience);

  // This process's name in the store; empty before the first look.
  const std::string& control() const { return control_; }
  std::uint64_t documents_written() const { return documents_written_; }
  std::uint64_t bytes_written() const { return bytes_written_; }

 private:
  runtime::Task<Status> keep_lease();
  runtime::Task<Status> write(std::vector<std::string> parts);
  bool is_due(const Audience& audience);
  std::vector<std::string> render_parts();
  std::vector<std::string> render_parts(std::size_t count) const;

  runtime::Shard& shard_;
  store::ControlStore& store_;
  const GatewayRecords& heard_;
  std::string network_;
  std::string control_;
  std::uint64_t lease_ = 0;                     // 0: none
  Instant kept_{};                              // when the lease was granted or kept last
  std::map<std::string, std::string> written_;  // by key, under this lease
  bool told_ = false;                           // what gateways say has been written
  Instant told_at_{};
  std::uint64_t words_ = 0;  // of what was told last, as in heard_
  std::uint64_t facts_ = 0;
  std::vector<std::string> near_;  // gateways that polled then
  std::size_t parts_ = 1;          // never fewer, so that a gateway stays in its own
  std::uint64_t documents_written_ = 0;
  std::uint64_t bytes_written_ = 0;
};

}  // namespace portolan::control

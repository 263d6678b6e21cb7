#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "control/gateway_records.h"
#include "runtime/shard.h"
#include "store/control_store.h"

namespace portolan::control {

// What other controls on the same store put there of their gateways, read into the records.
// Documents that cannot be read are left out, and named in the log once.
//
// Lives on: control's shard.  Owner: the Control, whose records outlive it.
class ToldByOthers {
 public:
  ToldByOthers(runtime::Shard& shard, GatewayRecords& records) : shard_(shard), records_(records) {}

  // Who reads: its own documents are none of the others'.
  struct Reader {
    std::string control;
    std::string network;
  };
  // All that stands in the store at its revision; what is older than was read already is nothing.
  void take(const store::Range& range, const Reader& reader);
  void take(const store::Changes& changes, const Reader& reader);
  // The store has not been seen for long: nobody knows what is true of others' gateways now. The
  // next Range says it.
  void lose_all();
  bool lost_all() const { return lost_all_; }

  // Other controls are there now, whatever they say.
  bool anybody() const { return !documents_.empty() || !unread_.empty(); }
  // One has told of its gateways since this process began. That all do then is taken for granted;
  // while several are being upgraded it is not so yet.
  bool ever() const { return ever_; }

 private:
  void put(const std::string& key, std::string_view value, std::uint64_t revision,
           const Reader& reader);
  void drop(const std::string& key);

  runtime::Shard& shard_;
  GatewayRecords& records_;
  std::uint64_t read_at_ = 0;                       // the store's revision
  std::map<std::string, std::uint64_t> documents_;  // by key, the revision of what was read
  std::set<std::string> unread_;
  bool ever_ = false;
  bool lost_all_ = false;
};

}  // namespace portolan::control

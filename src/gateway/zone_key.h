#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/options.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "seal/receipt.h"
#include "world/poll.h"

namespace portolan::gateway {

// The key by which this gateway signs receipts for its zone, and the chain that
// certifies it. Made here; its secret half is in one file of this gateway's
// folder, mode 0600, and goes nowhere.
//
// Lives on: the gateway's shard; what it writes is written off it.
// Owner: run_gateway's frame.  Only one take() runs at a time.
// Invariants: (1) a key that signs is certified for this zone by this network's
// root; (2) it is on disk, so that a restart with control off still signs; (3) a
// key that is to be replaced signs on until its successor is certified.
class ZoneKey {
 public:
  ZoneKey(runtime::Shard& shard, const Options& options);

  // Takes what the disk has, or makes a key. Blocks. Errors: those of the disk.
  Status load();

  // What control is told with every poll.
  world::ZoneKeySaid said() const;
  // What control answered. Errors: bad_signature and the like for a chain that
  // certifies something else; those of the disk. The key is then as before.
  runtime::Task<Status> take(world::PollAnswer answer);

  // Whether a receipt that is signed now will be believed. Errors: receipt_unavailable.
  Status can_sign() const;
  Result<std::string> sign(const seal::ReceiptFacts& facts) const;

 private:
  // A key and its chain, which is empty until control has certified it.
  struct Held {
    seal::ZoneSigner signer;
    std::uint64_t generation = 0;
  };

  static std::string render(const std::vector<Held>& keys);
  Held make(std::uint64_t generation);
  Result<seal::ZoneSigner> certified(const Held& held,
                                     const std::vector<std::string>& chain) const;
  runtime::Task<Status> keep(std::vector<Held> keys);
  const Held* signing() const;

  runtime::Shard& shard_;
  const Options& options_;
  std::string path_;
  // The one that signs when it is certified, and before it one that still does.
  std::vector<Held> keys_;
};

}  // namespace portolan::gateway

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/former_views.h"
#include "gateway/options.h"
#include "gateway/recent_decisions.h"
#include "runtime/event.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "seal/signed_document.h"
#include "world/kept_revocations.h"
#include "world/last_good.h"

namespace portolan::gateway {

// What this gateway knows of the network: the View that requests are decided
// against, how it got there, and how it survives a restart.
//
// Lives on: the gateway's shard; verifying, decoding and writing are done off it.
// Owner: the Gateway.  Only one take() runs at a time.
// Invariant: the View changes only to documents that are verified, newer than
// any that was ever held, and on disk; to a World only when it was tried on what
// was decided here lately. A revoked key stays among its Restrictions until the
// Keyring has it as revoked.
class Knowledge {
 public:
  // `last_good` is open; the folder is this gateway's own.
  Knowledge(runtime::Shard& shard, world::LastGood last_good, const Options& options);

  // Takes what the disk has. What it lacks or refuses is reported and awaited
  // from control.
  runtime::Task<void> load();

  // A document from control. Errors: why it is refused; the View is then as before.
  runtime::Task<Status> take(seal::DocumentKind kind, std::string sealed);

  // Deltas of the Keyring, each to follow the one before: the Keyring is made once,
  // however many lead to it. Those before the first that is refused are taken.
  struct DeltasTaken {
    std::size_t count = 0;
    Status refused;
  };
  runtime::Task<DeltasTaken> take_deltas(std::vector<std::string> sealed);

  // Control said that Keyring and Restrictions were the newest there are at that time.
  runtime::Task<void> confirm(WallTime at);

  // What decided an answer; a new World is tried on the last of them.
  void note(policy::Decided decided);
  // How the World that is held did, when it was taken; nothing if the disk had it.
  const std::optional<policy::WorldTrial>& trial() const { return trial_; }

  // Whether a workspace will be refused at that date for want of a confirm().
  bool needs_confirmation(WallTime at) const;

  // Copy it to pin it.
  const model::View& view() const { return view_; }
  std::optional<world::Seen> held(seal::DocumentKind kind) const;
  // Of each new View.
  runtime::Event& changed() { return changed_; }

 private:
  struct Taken;  // a View's part, made off the shard

  Result<Taken> read_document(const seal::OpenedDocument& document, const model::View& view) const;
  Result<Taken> read_restrictions(const seal::OpenedDocument& document,
                                  const model::View& view) const;
  Status try_on(Taken& taken, const model::View& view, const std::vector<policy::Decided>& decided,
                WallTime now) const;
  Result<Taken> open_sealed(seal::DocumentKind kind, const std::string& sealed,
                            const model::View& view, const std::vector<policy::Decided>& decided,
                            WallTime now);
  Result<Taken> open_deltas(const std::vector<std::string>& sealed, const model::View& view,
                            WallTime now, std::size_t& count);
  static Result<Taken> read_deltas(const std::vector<seal::OpenedDocument>& documents,
                                   const model::View& view);
  void adopt_loaded(const seal::OpenedDocument& document);
  void adopt_loaded_deltas(const std::vector<seal::OpenedDocument>& deltas);
  world::LastGood::Before before_of(const Taken& taken, const model::View& view) const;
  void adopt(Taken taken);
  runtime::Task<void> free_former();

  runtime::Shard& shard_;
  world::LastGood last_good_;
  world::KeptRevocations kept_;
  seal::VerifyKey root_;
  std::string zone_;
  std::string confirmed_path_;
  WallTime confirmed_kept_{0};
  model::View view_;
  FormerViews former_;
  std::shared_ptr<const model::Restrictions> sent_restrictions_;  // without what is kept
  std::optional<world::Seen> world_;
  std::optional<world::Seen> keyring_;
  std::optional<world::Seen> restrictions_;
  RecentDecisions recent_;
  std::optional<policy::WorldTrial> trial_;
  runtime::Event changed_;
};

}  // namespace portolan::gateway

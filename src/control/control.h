#pragma once

#include <memory>
#include <string>
#include <vector>

#include "control/apply.h"
#include "control/audit.h"
#include "control/documents.h"
#include "control/plan_poll.h"
#include "control/plan_zone_key.h"
#include "control/rollout_watch.h"
#include "control/telling.h"
#include "control/told_by_others.h"
#include "runtime/event.h"

namespace portolan::control {

inline constexpr Limit control_catch_up_ms{
    "control_catch_up_ms", 3'000,
    "for a store that several controls share to say whether a request's answer is the newest"};
inline constexpr Limit rollout_driver_ms{
    "rollout_driver_ms", 10'000,
    "after it another control takes a rollout on whose driver is gone"};
inline constexpr Limit rollout_poll_ms{"rollout_poll_ms", 2'000,
                                       "a poll waits at most so long while a World goes out"};

inline constexpr Limit keys_beside_restrictions_max{
    "keys_beside_restrictions_max", 10'000,
    "of a Keyring that goes out in one answer with new restrictions; ahead of a larger one "
    "they go alone"};

// How a World that follows another gets to the gateways.
enum class Waves : std::uint8_t {
  at_once,  // to all of them
  paced,    // zone by zone, by policy::plan_wave and policy::judge_wave
};

inline constexpr Limit parity_record_ms{"parity_record_ms", 60'000,
                                        "how often what regions lack is looked at and recorded"};

struct ControlOptions {
  seal::Signer signer;
  std::string network;
  std::uint64_t epoch = 0;  // at least this; raised by hand after a restore of the store
  Waves waves = Waves::at_once;
};

struct BackupPage;

struct KeyWish {
  std::string workspace;
  std::vector<std::string> scopes;
  std::optional<WallTime> expires;
};
struct CreatedKey {
  std::string id;
  std::string text;  // shown once, stored nowhere
};

struct RestrictionWish {
  enum class Kind : std::uint8_t { drain, deny };
  Kind kind = Kind::drain;
  std::string place;  // a zone or region of the World
  bool lift = false;
  bool only_new = false;  // where it stands already, nothing is to change
};

// What an operator does to the rollout that is under way.
enum class RolloutWish : std::uint8_t { pause, resume, roll_back };

// The control process's state and everything that changes it: resources to
// Worlds, workspaces and keys to Keyrings, restrictions; and the long polls that
// wait for them.
//
// Lives on: one shard.  Owner: the process's root task. The store outlives it.
// Invariants: (1) changes happen one after another; (2) what is in `state_` is in
// the store, and `documents_` are of it; (3) a change is in the store before
// anybody sees it.
class Control {
 public:
  // Errors: bad_configuration for a store of another network or a certificate
  // that is not the signer's; store_failed and those of the store.
  static runtime::Task<Result<std::unique_ptr<Control>>> open(runtime::Shard& shard,
                                                              store::ControlStore& store,
                                                              ControlOptions options);

  // The admin key is made by who can put it away safely: stored here as a digest
  // once that was done. is_admin() is false for everyone before.
  bool has_admin_key() const { return !state_.admin_digest.empty(); }
  runtime::Task<Status> set_admin_key(std::string text);
  bool is_admin(std::string_view text) const;
  // Says which admin key it was without saying the key.
  std::string admin_id() const { return state_.admin_digest.substr(0, 12); }

  // Errors: as decide_apply, decide_remove and compile_change; change_guarded for
  // what guard_change() objects to, when `by` does not break the glass; store_failed,
  // disk_full and disk_failed, after which nothing has changed; cancelled.
  // Whatever changes leaves an entry in the audit log, by the same commit.
  runtime::Task<Result<Applied>> apply(ApplyRequest request, Actor by = {});
  runtime::Task<Result<Applied>> remove(RemoveRequest request, Actor by = {});
  // Errors: invalid_parameter for an unknown workspace or scope, a date gone by.
  runtime::Task<Result<CreatedKey>> create_key(KeyWish wish, Actor by = {});
  // Takes effect twice: as a restriction, and as a tombstone in the Keyring. A
  // key that is revoked already stays so. Errors: resource_not_found.
  runtime::Task<Status> revoke_key(std::string id, Actor by = {});
  // Errors: invalid_parameter for a place that the World does not know; resource_conflict for one
  // that stands already and was to be new; change_guarded as above.
  runtime::Task<Status> restrict(RestrictionWish wish, Actor by = {});
  // From now on nobody in the network believes what shows that machine's certificate, for ever. Who
  // calls knows that there is such a machine. Errors: change_guarded as above; the store's.
  runtime::Task<Status> revoke_machine(std::string id, Actor by = {});
  bool is_revoked(const std::string& machine) const {
    return state_.restrictions.revoked_machines.contains(machine);
  }

  // The gateways of that zone are to sign receipts by new keys: the generation
  // that those have. Errors: invalid_parameter for a zone that the World does not know.
  runtime::Task<Result<std::uint64_t>> rotate_zone_key(std::string zone, Actor by = {});

  // A page of the audit log, as it stands in the store.
  struct AuditPage {
    seal::ChainHead head;
    std::vector<std::string> entries;
  };
  // From entry `from` on; 0: the last `entries_max`. Errors: those of the store.
  runtime::Task<Result<AuditPage>> read_audit(std::uint64_t from, std::uint64_t entries_max);

  // Of the store at `revision`, 0 for the newest, behind that key. Errors:
  // stale_version for a revision that is no longer kept; those of the store.
  runtime::Task<Result<BackupPage>> read_backup(std::uint64_t revision, std::string after);

  // A change of what stands in the store beside the State, with its entry in the
  // audit log, in turn with all others. Errors: resource_conflict with Retry::later
  // where the store has changed since it was read; those of the store.
  runtime::Task<Result<std::uint64_t>> commit_beside(store::Transaction transaction,
                                                     AuditFacts facts);

  // From now on gateways are sent what is stored here, under an epoch above all
  // that they hold. Errors: resource_not_found when no restore waits for that.
  runtime::Task<Status> finish_restore(Actor by = {});

  // A paused rollout goes back by itself as others do. Errors: resource_not_found
  // where no World is on its way.
  runtime::Task<Status> change_rollout(RolloutWish wish, Actor by = {});
  // Takes rollouts from step to step until it is cancelled or control drains.
  runtime::Task<void> drive_rollouts();
  // What was seen last of the newest step.
  const policy::WaveVerdict& wave_verdict() const { return verdict_; }

  // What is recorded of parity, as it stands in the store. Errors: those of the store.
  runtime::Task<Result<store::Range>> read_parity();
  // Records it every parity_record_ms, until it is cancelled.
  runtime::Task<void> record_parity();

  // Waits until there is something for that gateway, at most as long as it asks.
  // Who calls has checked who the gateway is. Errors: invalid_parameter, cancelled.
  runtime::Task<Result<world::PollAnswer>> poll(world::PollRequest request);
  // During a rollout a gateway of which no control has told here is one whose turn is to come.
  Target target_for(const std::string& gateway) const;

  // Reads what other controls commit to the same store as soon as it is there.
  // Runs until it is cancelled; for a store that several processes share.
  runtime::Task<void> follow();
  // Tells the others what gateways told here. Runs until it is cancelled or control drains; for a
  // store that several processes share, beside follow().
  runtime::Task<void> tell_others();
  // What others have committed before this call is in state() behind it. Errors:
  // those of the store, which has control_catch_up_ms for it.
  runtime::Task<Status> catch_up();

  // While it is on, polls wait at most rollout_poll_ms, so that what gateways see is told soon.
  void hasten_polls(bool on);

  // From now on polls are answered at once.
  void begin_drain();
  bool draining() const { return draining_; }

  // Whether several controls may change the store, so that each is polled by a part of the
  // gateways.
  bool shares_store() const { return following_; }
  // Whether another has told of its gateways since this process began. Otherwise there is none, or
  // it is of a release that does not.
  bool hears_others() const { return told_.ever(); }
  const seal::Signer& signer() const { return options_.signer; }

  const State& state() const { return state_; }
  const Documents& documents() const { return documents_; }
  // Of the whole network, as far as its controls tell one another.
  const GatewayRecords& gateways() const { return gateways_; }
  const Telling& telling() const { return telling_; }
  std::size_t polls_waiting() const { return polls_waiting_; }
  std::uint64_t polls_answered() const { return polls_answered_; }
  std::uint64_t documents_sent() const { return documents_sent_; }

 private:
  Control(runtime::Shard& shard, store::ControlStore& store, ControlOptions options);

  runtime::Task<Status> load();
  runtime::Task<Status> settle_numbers();
  runtime::Task<Status> raise_epoch();

  // Around every change. begin_change() waits until the one before has ended and
  // reads the store again when that one's outcome is not known.
  runtime::Task<Status> begin_change();
  void end_change();
  // Whether a change came to nothing because another control was faster.
  bool lost_a_race(const Fault& fault) const;
  // What is done, by whom, and what the guard objected to.
  struct Doing {
    Act act;
    Actor by;
    std::vector<policy::Objection> overruled;
  };
  // In a change: makes the wish true, in the store first.
  runtime::Task<Status> fulfil(Wish wish, Doing doing);
  // The one way into the store: the revision of the transaction and its entry.
  runtime::Task<Result<std::uint64_t>> commit(store::Transaction transaction, AuditFacts facts);
  static Status overrule(std::vector<policy::Objection> objections, Doing& doing);
  runtime::Task<Result<Applied>> fulfil_decided(Decided decided, Doing doing);
  runtime::Task<Result<Applied>> apply_in_turn(ApplyRequest request, Actor by);
  runtime::Task<Result<Applied>> remove_in_turn(RemoveRequest request, Actor by);
  runtime::Task<Result<CreatedKey>> create_key_in_turn(KeyWish wish, Actor by);
  runtime::Task<Status> revoke_key_in_turn(std::string id, Actor by);
  runtime::Task<Status> restrict_in_turn(RestrictionWish wish, Actor by);
  runtime::Task<Status> revoke_machine_in_turn(std::string id, Actor by);
  runtime::Task<Status> fulfil_restriction(Wish change, Doing doing);
  runtime::Task<Result<std::uint64_t>> rotate_zone_key_in_turn(std::string zone, Actor by);
  runtime::Task<Status> finish_restore_in_turn(Actor by);
  runtime::Task<Status> record_parity_in_turn();
  runtime::Task<Status> record_parity_once();
  Status check_key_wish(const KeyWish& wish) const;

  // Of these what somebody else made, and `state_` does not know of.
  std::vector<store::Change> news_in(const store::Changes& changes) const;
  runtime::Task<Status> take_news(store::Changes changes);
  runtime::Task<Status> read_again();
  runtime::Task<Result<std::uint64_t>> follow_once(std::uint64_t from);
  ToldByOthers::Reader reader() const { return {telling_.control(), options_.network}; }
  runtime::Task<Status> catch_up_now();
  runtime::Task<Status> load_up_to(std::uint64_t revision);

  std::optional<Rollout> rollout_to_begin(const Actor& by) const;
  bool waits_for_its_turn(const std::string& gateway) const;
  // Of several controls on one store one takes rollouts from step to step; all of
  // them take back what they see doing harm.
  runtime::Task<Result<bool>> may_drive();
  runtime::Task<Result<bool>> take_driver_lease();
  runtime::Task<Status> step_rollout();
  runtime::Task<Status> step_rollout_in_turn(bool driver);
  runtime::Task<Status> advance_in_turn(std::string why);
  runtime::Task<Status> go_back_in_turn(std::string why, Doing doing);
  runtime::Task<Status> change_rollout_in_turn(RolloutWish wish, Actor by);
  void report_rollout();

  runtime::Task<Status> wait_for_change();
  SnapshotKind snapshot_for(const world::PollRequest& request) const;
  bool snapshot_serves(const world::PollRequest& request) const;
  bool goes_ahead(const PollPlan& plan, const world::PollRequest& request) const;
  PollPlan plan_for(const world::PollRequest& request) const;
  runtime::Task<Status> make_snapshot(world::PollRequest request);
  runtime::Task<Result<PollPlan>> plan_with_snapshot(world::PollRequest request, PollPlan plan);
  runtime::Task<Result<PollPlan>> wait_for_plan(world::PollRequest request, Instant deadline);
  ZoneKeyPlan zone_key_plan(const world::PollRequest& request) const;
  Status answer_zone_key(const world::PollRequest& request, world::PollAnswer& answer) const;
  runtime::Task<Result<world::PollAnswer>> answer(world::PollRequest request, Instant deadline);
  world::PollAnswer assemble(const PollPlan& plan, const world::PollRequest& request) const;

  runtime::Shard& shard_;
  store::ControlStore& store_;
  ControlOptions options_;
  State state_;
  Documents documents_;
  GatewayRecords gateways_;
  Telling telling_;
  ToldByOthers told_;
  std::uint64_t read_at_ = 0;  // the store's revision that `state_` has all of
  bool following_ = false;
  std::vector<std::uint64_t> own_revisions_;  // of our commits since, until follow() sees them
  std::deque<Instant> restricted_;            // when restrictions were set, of the last minute
  RolloutWatch watch_;
  policy::WaveVerdict verdict_;
  std::uint64_t driver_lease_ = 0;  // 0: another control drives, or nobody has to
  bool changing_ = false;
  bool stale_ = false;  // the store may hold more than `state_`
  bool sealing_ = false;
  bool draining_ = false;
  bool hastened_ = false;
  std::size_t polls_waiting_ = 0;
  std::uint64_t polls_answered_ = 0;
  std::uint64_t documents_sent_ = 0;
  std::vector<std::string> sent_ahead_;  // gateways sent restrictions that a Keyring is to follow
  runtime::Event change_ended_;
  runtime::Event published_;
  runtime::Event sealed_;
};

}  // namespace portolan::control

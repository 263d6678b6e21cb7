#include "gateway/knowledge.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "model/keyring_changes.h"
#include "policy/compile_masks.h"
#include "policy/permits_no_more.h"
#include "runtime/offload.h"
#include "world/accept.h"
#include "world/accept_after_restore.h"
#include "world/codec.h"
#include "world/keyring_snapshot.h"

namespace portolan::gateway {

// One verified document, decoded, and the View's parts that follow from it.
struct Knowledge::Taken {
  seal::DocumentKind kind = seal::DocumentKind::world;
  world::Seen seen;
  std::shared_ptr<const model::World> world;
  std::shared_ptr<const model::Keyring> keyring;
  std::shared_ptr<const model::Restrictions> restrictions;
  std::shared_ptr<const model::Restrictions> sent_restrictions;
  world::KeptRevocations::Ids kept_revocations;
  std::shared_ptr<const model::MaskTables> masks;
  std::optional<policy::WorldTrial> trial;  // of a World
};

namespace {

using seal::DocumentKind;

Result<std::shared_ptr<const model::World>> read_world(const seal::OpenedDocument& document) {
  TRY(auto network, world::decode_network(document.payload));
  TRY(auto made, model::World::make(std::move(network), document.version, document.hash));
  return std::make_shared<const model::World>(std::move(made));
}

Result<std::shared_ptr<const model::Keyring>> read_keyring(const seal::OpenedDocument& document,
                                                           const model::View& view) {
  if (document.kind == DocumentKind::keyring_delta) {
    if (!view.keyring) {
      return Fault{Code::stale_version, Retry::never, "a delta came before any Keyring"};
    }
    TRY(const auto delta, world::decode_keyring_delta(document.payload));
    TRY(auto next, model::apply_delta(*view.keyring, delta));
    return std::make_shared<const model::Keyring>(std::move(next));
  }
  TRY(auto content, world::decode_any_keyring(document.payload));
  TRY(auto made, model::Keyring::make(std::move(content), document.version));
  if (view.keyring) {
    TRY_DO(world::accept_keyring(*view.keyring, made));
    TRY_DO(world::accept_after_restore(*view.keyring, made));
  }
  return std::make_shared<const model::Keyring>(std::move(made));
}

// Null where one of them is missing. A change of keys alone needs no new ones.
std::shared_ptr<const model::MaskTables> masks_for(
    const model::View& view, const std::shared_ptr<const model::World>& world,
    const std::shared_ptr<const model::Keyring>& keyring) {
  if (!world || !keyring) return nullptr;
  if (view.has_masks_of(*world, *keyring)) return view.masks;
  return std::make_shared<const model::MaskTables>(policy::compile_masks(*world, *keyring));
}

}  // namespace

Knowledge::Knowledge(runtime::Shard& shard, world::LastGood last_good, const Options& options)
    : shard_(shard),
      last_good_(std::move(last_good)),
      kept_(shard.disk(), options.data + "/kept-revocations"),
      root_(options.root),
      zone_(options.zone),
      confirmed_path_(options.data + "/confirmed"),
      changed_(shard) {}

Result<Knowledge::Taken> Knowledge::read_document(const seal::OpenedDocument& document,
                                                  const model::View& view) const {
  Taken taken;
  taken.kind = document.kind;
  taken.seen = {document.version, document.hash};
  taken.world = view.world;
  taken.keyring = view.keyring;
  switch (document.kind) {
    case DocumentKind::world: {
      TRY(taken.world, read_world(document));
      break;
    }
    case DocumentKind::keyring:
    case DocumentKind::keyring_delta: {
      TRY(taken.keyring, read_keyring(document, view));
      break;
    }
    case DocumentKind::restrictions: {
      return read_restrictions(document, view);
    }
  }
  taken.masks = masks_for(view, taken.world, taken.keyring);
  return taken;
}

// A revoked key that control restricts no more stays so while the Keyring held has no
// tombstone of it.
Result<Knowledge::Taken> Knowledge::read_restrictions(const seal::OpenedDocument& document,
                                                      const model::View& view) const {
  TRY(auto sent, world::decode_restrictions(document.payload));
  auto known = kept_.ids();
  if (sent_restrictions_) {
    TRY_DO(world::accept_after_restore(*sent_restrictions_, sent, view.keyring.get()));
    known.insert(sent_restrictions_->revoked_keys.begin(), sent_restrictions_->revoked_keys.end());
  }
  Taken taken;
  taken.kind = document.kind;
  taken.seen = {document.version, document.hash};
  taken.kept_revocations = world::without_tombstone(known, view.keyring.get());
  taken.sent_restrictions = std::make_shared<const model::Restrictions>(std::move(sent));
  taken.restrictions = taken.sent_restrictions;
  const auto& revoked = taken.sent_restrictions->revoked_keys;
  const auto is_sent = [&](const std::string& id) { return revoked.contains(id); };
  if (std::ranges::all_of(taken.kept_revocations, is_sent)) return taken;
  auto all = *taken.sent_restrictions;
  all.revoked_keys.insert(taken.kept_revocations.begin(), taken.kept_revocations.end());
  taken.restrictions = std::make_shared<const model::Restrictions>(std::move(all));
  return taken;
}

// Errors: as read_document of any of them; none is taken then.
Result<Knowledge::Taken> Knowledge::read_deltas(const std::vector<seal::OpenedDocument>& documents,
                                                const model::View& view) {
  if (!view.keyring) {
    return Fault{Code::stale_version, Retry::never, "a delta came before any Keyring"};
  }
  std::vector<model::KeyringDelta> deltas;
  for (const seal::OpenedDocument& document : documents) {
    TRY(auto delta, world::decode_keyring_delta(document.payload));
    deltas.push_back(std::move(delta));
  }
  TRY(auto next, model::apply_deltas(*view.keyring, deltas));
  Taken taken;
  taken.kind = DocumentKind::keyring_delta;
  taken.seen = {documents.back().version, documents.back().hash};
  taken.world = view.world;
  taken.keyring = std::make_shared<const model::Keyring>(std::move(next));
  if (taken.world) {
    taken.masks = std::make_shared<const model::MaskTables>(
        policy::compile_masks(*taken.world, *taken.keyring));
  }
  return taken;
}

// What the World held permits beside the one that is taken.
world::LastGood::Before Knowledge::before_of(const Taken& taken, const model::View& view) const {
  using Before = world::LastGood::Before;
  if (taken.kind != DocumentKind::world || !view.world) return Before::may_permit_more;
  // A gateway that lost its newest World holds an older one.
  const auto seen = last_good_.highest(DocumentKind::world);
  if (!seen || seen->version != view.world->version()) return Before::may_permit_more;
  return policy::permits_no_more(*view.world, *taken.world) ? Before::permits_no_more
                                                            : Before::may_permit_more;
}

// Errors: as policy::accept_trial.
Status Knowledge::try_on(Taken& taken, const model::View& view,
                         const std::vector<policy::Decided>& decided, WallTime now) const {
  if (taken.kind != DocumentKind::world || !view.complete()) return {};
  model::View offered = view;
  offered.world = taken.world;
  offered.masks = taken.masks;
  taken.trial = policy::try_world(decided, view, offered, zone_, now);
  return policy::accept_trial(*taken.trial, trial_decisions_min.count());
}

// Runs on any thread; touches nothing of this but what no other call changes meanwhile,
// and the disk.
Result<Knowledge::Taken> Knowledge::open_sealed(DocumentKind kind, const std::string& sealed,
                                                const model::View& view,
                                                const std::vector<policy::Decided>& decided,
                                                WallTime now) {
  TRY(const auto document, seal::open_document(sealed, kind, root_, now));
  TRY(auto taken, read_document(document, view));
  TRY_DO(try_on(taken, view, decided, now));
  if (taken.restrictions) TRY_DO(kept_.keep(taken.kept_revocations));
  TRY_DO(last_good_.save(document, sealed, before_of(taken, view)));
  return taken;
}

// All of them or, where the disk fails, the `count` that it has. Errors: of any of
// them, before one is kept.
Result<Knowledge::Taken> Knowledge::open_deltas(const std::vector<std::string>& sealed,
                                                const model::View& view, WallTime now,
                                                std::size_t& count) {
  std::vector<seal::OpenedDocument> documents;
  for (const std::string& each : sealed) {
    TRY(auto document, seal::open_document(each, DocumentKind::keyring_delta, root_, now));
    documents.push_back(std::move(document));
  }
  TRY(auto taken, read_deltas(documents, view));
  for (count = 0; count < documents.size(); ++count) {
    const Status kept = last_good_.save(documents[count], sealed[count]);
    if (kept) continue;
    if (count == 0) return kept.error();
    documents.erase(documents.begin() + static_cast<std::ptrdiff_t>(count), documents.end());
    return read_deltas(documents, view);
  }
  return taken;
}

void Knowledge::adopt(Taken taken) {
  switch (taken.kind) {
    case DocumentKind::world:
      view_.world = std::move(taken.world);
      world_ = std::move(taken.seen);
      trial_ = std::move(taken.trial);
      break;
    case DocumentKind::keyring:
    case DocumentKind::keyring_delta:
      view_.keyring = std::move(taken.keyring);
      keyring_ = std::move(taken.seen);
      break;
    case DocumentKind::restrictions:
      view_.restrictions = std::move(taken.restrictions);
      sent_restrictions_ = std::move(taken.sent_restrictions);
      restrictions_ = std::move(taken.seen);
      break;
  }
  if (taken.masks) view_.masks = std::move(taken.masks);
  changed_.notify_all();
}

void Knowledge::adopt_loaded(const seal::OpenedDocument& document) {
  auto taken = read_document(document, view_);
  if (taken) {
    adopt(std::move(*taken));
  } else {
    shard_.report("what the disk holds is not taken: " + taken.error().message);
  }
}

void Knowledge::adopt_loaded_deltas(const std::vector<seal::OpenedDocument>& deltas) {
  if (deltas.empty()) return;
  if (auto taken = read_deltas(deltas, view_)) {
    adopt(std::move(*taken));
    return;
  }
  for (const seal::OpenedDocument& delta : deltas) adopt_loaded(delta);
}

runtime::Task<void> Knowledge::load() {
  const WallTime now = shard_.wall_now();
  std::vector<Fault> faults;
  auto loaded = co_await runtime::offload(shard_, [this, &faults, now] {
    faults = kept_.load();
    return last_good_.load(root_, now);
  });
  faults.insert(faults.end(), loaded.faults.begin(), loaded.faults.end());
  for (const Fault& fault : faults) shard_.report(fault.message);
  if (loaded.restrictions) adopt_loaded(*loaded.restrictions);
  if (loaded.world) adopt_loaded(*loaded.world);
  if (loaded.keyring) adopt_loaded(*loaded.keyring);
  adopt_loaded_deltas(loaded.keyring_deltas);
  constexpr std::size_t digits_max = 32;
  if (const auto text = shard_.disk().read(confirmed_path_, digits_max)) {
    std::from_chars(text->data(), text->data() + text->size(), view_.keyring_confirmed.ns);
  }
}

// On disk the date may lag by `confirmed_kept_every`: after a restart the
// Keyring then counts as that much older, never as younger.
runtime::Task<void> Knowledge::confirm(WallTime at) {
  constexpr Duration confirmed_kept_every = Duration::seconds(10);
  view_.keyring_confirmed = at;
  co_await free_former();
  if (at - confirmed_kept_ < confirmed_kept_every && at >= confirmed_kept_) co_return;
  confirmed_kept_ = at;
  const Status kept = co_await runtime::offload(
      shard_, [this, at] { return shard_.disk().replace(confirmed_path_, std::to_string(at.ns)); });
  if (!kept) shard_.report(kept.error().message);
}

runtime::Task<Status> Knowledge::take(DocumentKind kind, std::string sealed) {
  model::View view = view_;
  const WallTime now = shard_.wall_now();
  std::vector<policy::Decided> decided;
  if (kind == DocumentKind::world) decided = recent_.all();
  auto taken = co_await runtime::offload(shard_, [this, kind, &sealed, &view, &decided, now] {
    return open_sealed(kind, sealed, view, decided, now);
  });
  if (!taken) co_return std::move(taken).error();
  adopt(std::move(*taken));
  former_.keep(std::move(view), view_);
  co_await free_former();
  co_return Status{};
}

runtime::Task<Knowledge::DeltasTaken> Knowledge::take_deltas(std::vector<std::string> sealed) {
  model::View view = view_;
  const WallTime now = shard_.wall_now();
  DeltasTaken done;
  auto taken = co_await runtime::offload(shard_, [this, &sealed, &view, &done, now] {
    return open_deltas(sealed, view, now, done.count);
  });
  if (taken) {
    adopt(std::move(*taken));
    former_.keep(std::move(view), view_);
    co_await free_former();
  } else {
    done.count = 0;
  }
  // What is refused among them is found one by one, with its reason.
  while (done.count < sealed.size()) {
    std::string each = std::move(sealed[done.count]);
    done.refused = co_await take(DocumentKind::keyring_delta, std::move(each));
    if (!done.refused) co_return done;
    ++done.count;
  }
  co_return done;
}

// Off the shard: a large World or Keyring takes longer than a request may wait.
runtime::Task<void> Knowledge::free_former() {
  auto unused = former_.take_unused();
  if (unused.empty()) co_return;
  co_await runtime::offload(shard_, [&unused] {
    unused.clear();
    return true;
  });
}

void Knowledge::note(policy::Decided decided) { recent_.note(std::move(decided)); }

bool Knowledge::needs_confirmation(WallTime at) const {
  if (!view_.keyring) return false;
  const Duration age = at - view_.keyring_confirmed;
  return std::ranges::any_of(view_.keyring->workspaces(), [age](const model::Workspace& workspace) {
    return age > workspace.key_freshness;
  });
}

std::optional<world::Seen> Knowledge::held(DocumentKind kind) const {
  switch (kind) {
    case DocumentKind::world:
      return world_;
    case DocumentKind::keyring:
    case DocumentKind::keyring_delta:
      return keyring_;
    case DocumentKind::restrictions:
      return restrictions_;
  }
  return std::nullopt;
}

}  // namespace portolan::gateway

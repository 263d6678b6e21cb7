#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "runtime/disk.h"
#include "seal/signed_document.h"
#include "world/accept.h"

namespace portolan::world {

inline constexpr Limit keyring_deltas_kept_max{
    "keyring_deltas_kept_max", 10'000,
    "on a gateway's disk; behind them it takes a snapshot, so that it starts soon"};

// What a gateway keeps on disk, so that it starts with control off: the last
// three Worlds, the last Keyring and Restrictions that it took and the deltas
// since that Keyring, sealed as they came, and the highest version of each that
// it ever saw.
//
// Lives on: any one thread at a time; its calls block.  Owner: the Gateway.
// Invariants: (1) each newest document stands in two files that are replaced one
//             after the other, so a crash or one rotten file leaves a whole one;
//             (2) load() returns nothing older than the highest seen, but for an
//             older World that permits no more than that one: what takes
//             permission away is never forgotten.
class LastGood {
 public:
  // What the disk gave. A document that is missing, rotten or too old is absent,
  // and `faults` says why; none at all on a first start.
  struct Loaded {
    std::optional<seal::OpenedDocument> world;
    std::optional<seal::OpenedDocument> keyring;
    std::vector<seal::OpenedDocument> keyring_deltas;  // ascending, each the very next one
    std::optional<seal::OpenedDocument> restrictions;
    std::vector<Fault> faults;
  };

  // Makes `folder`, which is its own; `disk` outlives this. Errors: disk_failed.
  static Result<LastGood> open(runtime::Disk& disk, std::string folder,
                               std::size_t deltas_max = keyring_deltas_kept_max.count());

  // Comes before save(): what was seen is on the disk.
  Loaded load(const seal::VerifyKey& root, WallTime now);

  // What the highest World seen permits, beside the one that is saved: surely no
  // more, or it may forbid something of it.
  enum class Before : std::uint8_t { may_permit_more, permits_no_more };

  // Keeps `sealed`, the bytes that `document` was opened from; a delta is the very
  // next one. Errors: as accept(), disk_failed, disk_full, limit_exceeded for a delta
  // too many; on disk is then what was before, or both.
  Status save(const seal::OpenedDocument& document, std::string_view sealed,
              Before before = Before::may_permit_more);

  // The highest version seen of world, keyring (by snapshot or delta; the hash is
  // empty after a delta and of a snapshot in few bytes) or restrictions.
  std::optional<Seen> highest(seal::DocumentKind kind) const;

 private:
  using SeenByKind = std::map<seal::DocumentKind, Seen>;

  struct Remembered {
    SeenByKind seen;
    // The oldest World that permits no more than the highest seen; this one or an
    // older one.
    std::optional<model::Version> world_floor;
  };

  struct Trust {
    seal::VerifyKey root;
    WallTime now;
  };

  LastGood(runtime::Disk& disk, std::string folder, std::size_t deltas_max)
      : disk_(&disk), folder_(std::move(folder)), deltas_max_(deltas_max) {}
  // Without the copy's number at its end.
  std::string path_of(const seal::OpenedDocument& document) const;
  std::string path_of(seal::DocumentKind kind) const;
  std::string delta_path(std::uint64_t number) const;
  std::string seen_path() const { return folder_ + "/seen.json"; }
  std::string older_world_path(std::size_t back) const;
  Result<Remembered> read_seen();
  Status write_seen(const Remembered& remembered);
  std::optional<seal::OpenedDocument> load_newest(const std::string& path, seal::DocumentKind kind,
                                                  const Trust& trust, std::vector<Fault>& faults);
  void load_deltas(const Trust& trust, Loaded& loaded);
  void load_older_world(const Trust& trust, Loaded& loaded);
  Status keep_older_world(const seal::OpenedDocument& next);
  void check_age(seal::DocumentKind kind, Loaded& loaded);
  Status accept_delta(const seal::OpenedDocument& delta) const;
  Status remove_deltas();

  runtime::Disk* disk_;
  std::string folder_;
  std::size_t deltas_max_;
  std::size_t deltas_kept_ = 0;  // behind the Keyring on disk
  bool loaded_ = false;
  Remembered remembered_;
};

}  // namespace portolan::world

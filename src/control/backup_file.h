#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "control/state.h"
#include "runtime/disk.h"
#include "seal/sha256.h"
#include "wire/json_value.h"

namespace portolan::control {

// A copy of control's store in a file, as of one revision: a line of canonical
// JSON with what it is, a line a key in ascending order, and a last line with
// their number and the SHA-256 of all bytes before it. Deltas of the Keyring are
// left out: none of them leads on in the epoch that a restore begins.

inline constexpr Limit backup_page_keys_max{"backup_page_keys_max", 500,
                                            "of the store in one answer to 'portolan backup'"};
inline constexpr Limit backup_page_bytes_max{"backup_page_bytes_max", 4 * 1024 * 1024,
                                             "behind so many the answer ends with the next key"};

struct BackupManifest {
  Numbers numbers;
  std::uint64_t revision = 0;
  WallTime time{};
  seal::ChainHead audit;
};

wire::Json manifest_json(const BackupManifest& manifest);
// Errors: malformed_peer, unsupported_version.
Result<BackupManifest> read_manifest(const wire::Json& json);

struct BackupItem {
  std::string key;
  std::string value;
};

struct BackupPage {
  BackupManifest manifest;  // of the revision that the page is of
  std::vector<BackupItem> items;
  std::string next;  // the next page begins behind this key; empty: this was the last
};

wire::Json item_json(const BackupItem& item);
// Errors: malformed_peer.
Result<BackupItem> read_item(const wire::Json& json);

// The lines of a file that is being written, one after another.
class BackupLines {
 public:
  std::string add(const wire::Json& line);
  // The last line, once all others were added.
  std::string end() const;

 private:
  seal::Sha256 digest_;
  std::uint64_t lines_ = 0;
};

// What a file says that was read to its end and is whole.
struct Backup {
  BackupManifest manifest;
  State state;  // without deltas
  std::uint64_t keys = 0;
};

// Hands over every key in order, then says whether the file was whole, its audit
// log too: what was handed over before a fault is worth nothing. Errors:
// invalid_resource for a file that is torn, changed or none of ours, with the
// line; unsupported_version; those of the disk and of `take`.
Result<Backup> read_backup(runtime::Disk& disk, const std::string& file,
                           const std::function<Status(const BackupItem&)>& take);

}  // namespace portolan::control

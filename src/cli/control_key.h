#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "runtime/shard.h"

namespace portolan::cli {

// The key by which a control signs Worlds, as the root is asked to vouch for it.
struct ControlKey {
  std::string network;
  std::string control;     // its name, unique in the network
  std::string public_key;  // hex
  Duration life;
};

// The certificate for `control --certificate`, one line. `root_key` is the root's secret key, hex.
// Valid from an hour before `now` on, as clocks differ. Errors: bad_configuration, with what is
// none of a key or name; the root's key is never repeated.
Result<std::string> certify_control(const std::string& root_key, const ControlKey& key,
                                    WallTime now);

// The public half, hex, of the secret key in that file (PEM, mode 0600), which is made where it is
// missing. Blocks. Errors: those of the disk; bad_configuration for a file that holds no such key.
Result<std::string> settle_control_key(runtime::Shard& shard, const std::string& file);

}  // namespace portolan::cli

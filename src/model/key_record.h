#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace portolan::model {

using KeyDigest = std::array<unsigned char, 32>;  // SHA-256 of the whole key text

struct KeyRecord {
  std::string id;  // public part of ptl_<id>_...
  std::string workspace;
  KeyDigest digest{};
  std::vector<std::string> scopes;  // narrows the workspace's; empty: all of them
  WallTime created;
  WallTime expires{INT64_MAX};
  bool revoked = false;  // a tombstone: kept so that an older delta cannot bring the key back
  friend bool operator==(const KeyRecord&, const KeyRecord&) = default;
};

}  // namespace portolan::model

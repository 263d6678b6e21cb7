#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace portolan::cli {

// What $PORTOLAN_HOME/network.json says about the network that runs there, for
// scripts and tests. Holds keys in clear: its file has mode 0600. A process id
// of 0: not running, or none of ours.
struct NetworkFile {
  struct Region {
    std::string name;
    std::string url;
    friend bool operator==(const Region&, const Region&) = default;
  };
  struct Zone {
    std::string name;
    std::string region;
    std::string gateway_url;
    std::int64_t gateway_pid = 0;
    std::string engine_url;  // empty: no engine that `up` started
    std::int64_t engine_pid = 0;
    friend bool operator==(const Zone&, const Zone&) = default;
  };
  struct Workspace {
    std::string name;
    std::string scope;  // its first
    std::string key;
    friend bool operator==(const Workspace&, const Workspace&) = default;
  };
  struct Admin {
    std::string url;
    std::string key;
    friend bool operator==(const Admin&, const Admin&) = default;
  };

  std::int64_t pid = 0;  // of `up`
  std::int64_t control_pid = 0;
  std::int64_t meter_pid = 0;
  std::vector<Region> regions;
  std::vector<Zone> zones;
  std::vector<Workspace> workspaces;
  Admin admin;

  friend bool operator==(const NetworkFile&, const NetworkFile&) = default;
};

std::string render_network_file(const NetworkFile& file);
// Members that are missing are empty; unknown ones are passed over. Errors:
// bad_configuration.
Result<NetworkFile> parse_network_file(std::string_view text);

// The id of a key `ptl_<id>_...`; empty when it is no key.
std::string_view key_id_of(std::string_view key);

}  // namespace portolan::cli

#pragma once

#include <string>

#include "base/result.h"
#include "cli/join_files.h"

namespace portolan::cli {

struct JoinOrder {
  std::string control;  // URL of control's admin API; https, or http on loopback
  std::string token;
  std::string folder;
  std::string root;  // its public key, hex, or a file with it; empty: as control says
  // Empty: as the token says.
  std::string zone;
  std::string role;
  std::string id;
};

// Makes a key in the folder, has a certificate made for it, and writes down what
// the role needs. The key never leaves the folder. Control is known by the
// fingerprint in the token, before it is told anything; the secret goes to nobody
// else. Whatever ends it halfway: the same again goes on with the same key.
// Blocks. Errors: malformed_key; untrusted_peer for a control, an authority or a
// root that is not the token's; control's refusals; those of the connection and of the disk.
Result<JoinedMachine> join_network(const JoinOrder& order);

}  // namespace portolan::cli

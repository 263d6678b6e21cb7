#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/shard.h"
#include "seal/identity.h"

namespace portolan::cli {

// The files of a development authority: who signs documents, and whose TLS
// certificates the processes of one network trust. On a network of several
// machines the root key would be kept offline.
struct AuthorityFiles {
  std::string folder;

  std::string root_key() const { return folder + "/root.key"; }        // secret, hex
  std::string root() const { return folder + "/root.pub"; }            // hex, pinned by gateways
  std::string control_key() const { return folder + "/control.key"; }  // secret, PEM
  std::string control_certificate() const { return folder + "/control.certificate"; }
  std::string tls_authority() const { return folder + "/tls-authority.pem"; }
  std::string tls_authority_key() const { return folder + "/tls-authority.key"; }  // secret
  std::string dates() const { return folder + "/dates.json"; }
  std::string tls() const { return folder + "/tls"; }
  std::string tls_certificate(const std::string& leaf) const { return tls() + "/" + leaf + ".pem"; }
  std::string tls_key(const std::string& leaf) const { return tls() + "/" + leaf + ".key"; }
};

// A process that shows a TLS certificate; `name` is that of its files.
struct TlsLeaf {
  std::string name;
  seal::Identity identity;
};

// Makes what is missing, belongs to another network or identity, or ends within
// a month, and control's signing key anew when asked to; leaves the rest as it is. Secret files have mode 0600. Blocks.
// Errors: those of the disk, bad_configuration for files that are damaged.
Status prepare_authority(runtime::Shard& shard, const AuthorityFiles& files,
                         const std::string& network, const std::vector<TlsLeaf>& leaves,
                         bool rotate_control_key = false);

}  // namespace portolan::cli

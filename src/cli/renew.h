#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "cli/join_files.h"
#include "seal/tls_authority.h"

namespace portolan::cli {

// A third of a certificate's life is left for whatever is in the way.
bool renewal_is_due(const seal::Validity& validity, WallTime now);

struct Renewed {
  JoinedMachine machine;
  bool done = false;  // nothing was due
  WallTime due;       // of what is held now
};

// Has the certificate of a machine that joined made anew, for the same key, by the
// one that it has; writes it down. Nothing happens before it is due, unless
// `at_once`. Blocks. Errors: resource_not_found for a folder where nobody joined;
// bad_configuration for a certificate that has ended; control's refusals; those of
// the connection and of the disk.
Result<Renewed> renew_machine(const std::string& folder, bool at_once);

}  // namespace portolan::cli

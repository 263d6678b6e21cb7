#pragma once

#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/task.h"

namespace portolan::runtime {

inline constexpr Limit tls_reload_ms{"tls_reload_ms", 10'000,
                                     "between two looks at a process's own certificate"};

// Where a process finds what it shows and trusts.
struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string authority;
};

// From now on connections show `fresh` where they would have shown `old`, whoever
// holds the credentials; those that exist go on. How many credentials that were.
// Errors: bad_configuration for what does not fit together, and nothing changes.
Result<std::size_t> renew_credentials(Network& network, const TlsMaterial& old,
                                      const TlsMaterial& fresh);

// Looks at the files again and again, and shows what is new in them; tells the
// operator of that, and daily of a certificate of whose life less than a quarter is
// left. Files that cannot be used change nothing. Until it is cancelled.
Task<void> follow_tls_files(Shard& shard, TlsFiles files);

}  // namespace portolan::runtime

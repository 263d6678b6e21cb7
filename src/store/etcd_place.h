#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/network.h"

namespace portolan::store {

// Where an etcd is, and the files to speak TLS to it with; empty: in clear.
struct EtcdPlace {
  std::vector<runtime::Address> members;
  std::string authority;
  std::string certificate;
  std::string key;
};

// Reads "etcd://HOST:PORT,HOST:PORT[?ca=FILE&certificate=FILE&key=FILE]".
// Errors: bad_configuration.
Result<EtcdPlace> parse_etcd_place(std::string_view text);

}  // namespace portolan::store

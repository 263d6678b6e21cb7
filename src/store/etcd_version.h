#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace portolan::store {

// Whether a member of that version may keep the store: "3.6.5".
// Errors: bad_configuration with the reason and what to do.
Status check_etcd_version(std::string_view version);

// What can be seen of how a member is set up.
struct EtcdSetting {
  bool tls = false;
  bool loopback = false;
  bool answers_strangers = false;  // reads keys for one who shows no certificate
};
// Errors: bad_configuration for what would let anybody on the way read or change
// the network's state.
Status check_etcd_setting(const EtcdSetting& setting, std::string_view member);

}  // namespace portolan::store

#pragma once

#include <string>

#include "base/result.h"
#include "http/client.h"
#include "wire/json_value.h"

namespace portolan::cli {

// Where the admin API is, and the key to it.
struct AdminAccess {
  std::string url;  // http(s)://host:port
  std::string key;
  // PEM, the network's TLS authority: whoever shows a control's certificate of it is asked,
  // whatever the host's name. Empty: the system's authorities, by that name.
  std::string authority{};
};

// Of the network that `portolan up` runs in that home. Errors:
// bad_configuration, with what to do.
Result<AdminAccess> access_of_home(const std::string& home);

// One call of the admin API (/admin/v1), start to end, on an event loop of its
// own. `target` is the path behind the URL, with its query.
//
// Errors: what control answers, with its code and sentence; connection_refused
// and the like, saying how to start it.
Result<wire::Json> call_admin(const AdminAccess& access, std::string method, std::string target,
                              std::string body);

// The same for a GET whose answer is no JSON.
Result<std::string> read_admin(const AdminAccess& access, std::string target);

}  // namespace portolan::cli

#pragma once

#include <string>

#include "base/result.h"
#include "http/client.h"
#include "runtime/network.h"

namespace portolan::cli {

// Whether a host, as a URL has it, is this machine itself.
bool is_loopback(const std::string& host);

// One HTTP request to a control that `trust` vouches for; it must show the
// certificate of a control before it is sent anything. In clear to this machine
// itself alone. Blocks. Errors: invalid_parameter for a URL that is none of these;
// untrusted_peer; those of the connection.
Result<http::Answer> call_control(const std::string& url, runtime::TlsMaterial trust,
                                  http::Request request);

}  // namespace portolan::cli

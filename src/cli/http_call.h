#pragma once

#include <string>

#include "base/result.h"
#include "http/client.h"

namespace portolan::cli {

// One HTTP request to a server of `url` (http(s)://host:port/prefix), start to
// end, on an event loop of its own. `request.target` is the path behind the URL.
// Errors: malformed_request for a URL that is none; those of the connection.
Result<http::Answer> call_url(const std::string& url, http::Request request);

}  // namespace portolan::cli

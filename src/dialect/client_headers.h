#pragma once

#include <string_view>

#include "dialect/header.h"
#include "model/resources.h"
#include "wire/fields.h"

namespace portolan::dialect {

// Names of the request's id: ours, and the one that OpenAI's SDKs show in errors.
inline constexpr std::string_view request_id_field = "portolan-request-id";
inline constexpr std::string_view sdk_request_id_field = "x-request-id";

// Whether a field of the client's request goes on to the engine, or one of the
// engine's answer back to the client. Both are lists of what may: what is not
// named stays here, keys, cookies and hop-by-hop fields first of all.
bool passes_to_engine(std::string_view name);
bool passes_to_client(std::string_view name);

// The fields of the request to an engine: what passes of the client's, the
// engine's own fixed ones, its credential (`secret` is the value that `auth`
// names; unused without auth) and the request's id. A name stands once: the
// engine's own win. Host and framing are the HTTP client's.
Headers engine_headers(const wire::Fields& client, const model::Engine& engine,
                       std::string_view secret, std::string_view request_id);

// Those of the engine's answer that the client may see.
Headers client_headers(const wire::Fields& engine);

}  // namespace portolan::dialect

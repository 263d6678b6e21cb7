#pragma once

#include <string_view>

#include "dialect/engine_kind.h"
#include "dialect/openai_request.h"
#include "wire/splice.h"

namespace portolan::dialect {

// What an engine calls the model of its deployment.
std::string_view served_name(const model::Engine& engine, const model::Model& model);

// The body as the engine gets it, byte for byte the client's but for:
// `portolan` taken out; `model` replaced by `served_name`; and, of a stream,
// usage asked for (stream_options.include_usage and usage_switches of `kind`).
//
// `request` was read from `body`; `body` must outlive the Splice, which is
// finished.
wire::Splice engine_body(std::string_view body, const ReadRequest& request, EngineKind kind,
                         std::string_view served_name);

}  // namespace portolan::dialect

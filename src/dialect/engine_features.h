#pragma once

#include <string_view>

#include "dialect/engine_kind.h"

namespace portolan::dialect {

// Whether an engine of that kind gives a feature that its model is said to have.
// What has a path of its own (`embeddings`, `rerank`, ...) is not served through
// any engine yet; `running-usage`, counts while an answer streams, is what the
// kinds differ in. Everything else stands inside of a chat or completion, and
// there the model's word counts.
bool gives_feature(EngineKind kind, std::string_view feature);

}  // namespace portolan::dialect

#include "dialect/engine_features.h"

#include <algorithm>
#include <array>

namespace portolan::dialect {
namespace {

// Of OpenAI's API and its relatives, each at a path that gateways do not serve.
constexpr std::array<std::string_view, 8> not_served = {
    "embeddings",     "rerank",      "images",    "speech",
    "transcriptions", "moderations", "responses", "realtime"};

}  // namespace

bool gives_feature(EngineKind kind, std::string_view feature) {
  if (feature == "running-usage") return usage_switches(kind) != UsageSwitches{};
  return std::ranges::find(not_served, feature) == not_served.end();
}

}  // namespace portolan::dialect

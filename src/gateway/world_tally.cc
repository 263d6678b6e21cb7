#include "gateway/world_tally.h"

namespace portolan::gateway {
namespace {

bool is_refusal(Code code) {
  return code == Code::model_not_found || facts_of(code).http_status == 403;
}

model::ServedCounts counts_of(const EndedRequest& ended) {
  model::ServedCounts counts;
  counts.requests = 1;
  counts.errors = ended.code && facts_of(*ended.code).http_status >= 500 ? 1 : 0;
  counts.refusals = ended.code && is_refusal(*ended.code) ? 1 : 0;
  counts.detours = ended.attempts > 1 ? 1 : 0;
  if (ended.first_byte) counts.first_bytes[model::first_byte_class(*ended.first_byte)] = 1;
  return counts;
}

}  // namespace

void WorldTally::adopt(const model::Version& world) {
  if (world_ == world) return;
  before_ = last_;
  before_ += window_;
  since_ = {};
  last_ = {};
  window_ = {};
  world_ = world;
}

void WorldTally::turn_window(Instant now) {
  const auto length = world_tally_window_ms.milliseconds();
  if (now - window_began_ < length) return;
  last_ = now - window_began_ < length * 2 ? window_ : model::ServedCounts();
  window_ = {};
  window_began_ = now;
}

void WorldTally::note(const EndedRequest& ended, Instant now) {
  if (ended.code == Code::cancelled) return;
  if (model::older(world_, ended.world)) adopt(ended.world);
  if (world_ != ended.world) return;
  turn_window(now);
  const auto counts = counts_of(ended);
  since_ += counts;
  window_ += counts;
}

void WorldTally::note_computed(std::optional<Code> code) {
  if (code == Code::cancelled) return;
  ++computed_.requests;
  if (code && facts_of(*code).http_status >= 500) ++computed_.errors;
}

std::optional<world::WorldServed> WorldTally::said(const std::optional<world::Seen>& held) const {
  if (!held || held->version != world_) return std::nullopt;
  return world::WorldServed{.since = since_, .before = before_};
}

}  // namespace portolan::gateway

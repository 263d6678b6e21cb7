#include "sim/sentence.h"

#include <fmt/format.h>

#include "sim/atlas.h"

namespace portolan::sim {

std::string say(const Sighting& seen, std::string_view sentence) {
  return fmt::format("request {} ({}, {} at {}, {:.3f} to {:.3f} s, {} {}): {}", seen.asked.number,
                     seen.asked.question.workspace, seen.asked.stream ? "stream" : "whole",
                     gateway_name(seen.asked.gateway), (seen.began - Instant{}).seconds(),
                     (seen.ended - Instant{}).seconds(), seen.status, name_of(seen.end), sentence);
}

}  // namespace portolan::sim

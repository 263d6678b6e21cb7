#include "control/opening_look.h"

namespace portolan::control {

runtime::Task<Status> OpeningLook::probe(OpeningFacts& facts) {
  facts.probes_why = "This control sends no probes.";
  co_return Status{};
}

runtime::Task<Status> OpeningLook::probe_refusals(OpeningFacts& facts) {
  facts.refusals_why = "This control sends no probes.";
  co_return Status{};
}

runtime::Task<Status> OpeningLook::drill(OpeningFacts& facts) {
  for (const auto& zone : facts.zones)
    facts.drills.push_back({.zone = zone, .why = "This control drains no zone."});
  co_return Status{};
}

runtime::Task<Status> OpeningLook::end(std::string opening) {
  (void)opening;
  co_return Status{};
}

}  // namespace portolan::control

#include <algorithm>
#include <tuple>
#include <utility>

#include "control/at_once.h"
#include "control/golden_record.h"
#include "control/opening_limits.h"
#include "control/opening_look.h"
#include "control/opening_plan.h"
#include "seal/identity.h"

// What gateways see around them: whom they reach, their clocks, certificates and engines.
namespace portolan::control {
namespace {

using world::InspectionRequest;

std::vector<std::string> others(const std::vector<std::string>& peers, const std::string& own) {
  std::vector<std::string> left;
  std::ranges::copy_if(peers, std::back_inserter(left),
                       [&](const std::string& peer) { return peer != own; });
  return left;
}

// What one gateway is asked, in several inspections where one takes no more models. Whom it
// reaches and what its clock is, is asked by the first one, which waits for no engine.
std::vector<InspectionRequest> questions_for(const std::string& gateway,
                                             const std::vector<std::string>& peers,
                                             const std::vector<std::string>& models) {
  std::vector<InspectionRequest> questions;
  questions.push_back({.peers = others(peers, gateway),
                       .models = {},
                       .prompts = {},
                       .within = opening_reach_ms_max.milliseconds()});
  for (std::size_t at = 0; at < models.size();) {
    const std::size_t end = std::min(models.size(), at + world::inspect_models_max.count());
    InspectionRequest question{.prompts = golden_prompts(),
                               .within = opening_engines_ms_max.milliseconds()};
    for (; at < end; ++at) question.models.push_back(models[at]);
    questions.push_back(std::move(question));
  }
  return questions;
}

}  // namespace

runtime::Task<Result<Inspected>> OpeningLook::inspect(InspectedGateway& gateway,
                                                      InspectionRequest& question) {
  InspectedGateway once = gateway;
  InspectionRequest request = question;
  auto found = co_await parts_.inspecting.inspect(std::move(once), std::move(request));
  co_return found;
}

runtime::Task<GatewayLook> OpeningLook::look_by(ZoneToAsk& zone, std::size_t at, bool engines) {
  const auto& gateway = zone.gateways[at];
  GatewayLook look{.gateway = gateway.id, .zone = zone.zone, .of_place = zone.of_place};
  auto hop = runtime::parse_address(gateway.hop);
  if (!hop) {
    look.why = hop.error().message;
    co_return look;
  }
  InspectedGateway asked{std::move(*hop),
                         seal::render_identity({.network = control_.state().numbers.network,
                                                .kind = seal::Identity::Kind::gateway,
                                                .zone = zone.zone,
                                                .id = gateway.id})};
  const std::vector<std::string> none;
  auto questions = questions_for(gateway.id, zone.peers, engines ? zone.models : none);
  for (auto& question : questions) {
    auto found = co_await inspect(asked, question);
    if (!found && found.error().code == Code::untrusted_peer && !asked.identity.empty()) {
      // Who of the network shows itself there instead is a fact, too.
      InspectedGateway whoever{asked.hop, {}};
      auto shown = co_await inspect(whoever, question);
      if (shown) asked = std::move(whoever);
      if (shown) found = std::move(shown);
    }
    if (!found) {
      look.why = found.error().message;
      look.found.reset();
      co_return look;
    }
    if (look.found) {
      std::ranges::move(found->said.engines, std::back_inserter(look.found->said.engines));
    } else {
      look.found = std::move(*found);
    }
  }
  co_return look;
}

// Each of its engines is looked at by one of its gateways alone.
runtime::Task<void> OpeningLook::look_from(ZoneToAsk zone, OpeningFacts& facts) {
  bool engines = true;
  for (std::size_t at = 0; at < zone.gateways.size(); ++at) {
    auto look = co_await look_by(zone, at, engines);
    if (look.found) engines = false;
    facts.looks.push_back(std::move(look));
  }
}

runtime::Task<Status> OpeningLook::look_around(OpeningFacts& facts) {
  if (!facts.looks.empty()) co_return Status{};
  const auto zones = plan_looks(facts, control_.gateways());
  auto work = [&](std::size_t at) { return look_from(zones[at], facts); };
  const std::size_t at_once = opening_looks_at_once_max.count();
  const Status looked = co_await several_at_once(shard_, zones.size(), at_once, work);
  // What is there of a part of them is no look around.
  if (!looked) facts.looks.clear();
  std::ranges::sort(facts.looks, {}, [](const GatewayLook& look) {
    return std::tuple(!look.of_place, look.zone, look.gateway);
  });
  co_return looked;
}

}  // namespace portolan::control

// What can be wrong with what a place offers and answers, and with who stands in for it; and which
// gate finds it.

#include "control/opening_flaw_test_support.h"

namespace portolan::control {
namespace {

using namespace testing;

void gap(OpeningFacts& facts, policy::ParityItem item, policy::Missing missing) {
  auto found = gap_of("large", missing, std::move(item));
  if (missing == policy::Missing::denied_by_rule) found.rules = {"licence"};
  found.target = "everything";
  facts.parity->gaps.push_back(std::move(found));
}

using Item = policy::ParityItem::Kind;

constexpr auto not_offered = std::to_array<Flaw>({
    {"a label that rules ask for, forgotten at one zone", "model large in mexico-b",
     "a rule denies it (licence)",
     [](auto& facts) {
       change(facts, [](auto& contents) { contents.network.zones[2].labels.clear(); });
     }},
    {"a label forgotten in all of the region", "model large in mexico",
     "The model is missing: a rule denies it there (licence); everything asks for it",
     [](auto& facts) { gap(facts, {Item::model}, policy::Missing::denied_by_rule); }},
    {"a model that its target asks for, deployed nowhere there", "model large in mexico",
     "not deployed", [](auto& facts) { gap(facts, {Item::model}, policy::Missing::not_deployed); }},
    {"a feature that no engine of that kind gives", "model large in mexico",
     "Feature 'running-usage' is missing",
     [](auto& facts) {
       gap(facts, {Item::feature, "running-usage"}, policy::Missing::engine_lacks);
     }},
    {"fewer slots than its target asks for", "model large in mexico",
     "Room for 64 requests at once is missing",
     [](auto& facts) { gap(facts, {Item::slots, "", 64}, policy::Missing::too_few_slots); }},
    {"a model that only an untargeted region deploys, unhealthy", "model large in mexico",
     "none of its engines there is healthy",
     [](auto& facts) {
       change(facts, [](auto& contents) { contents.parity_targets.clear(); });
       gap(facts, {Item::model}, policy::Missing::unhealthy);
     }},
    {"a feature that the model promises and its engines never give", "model large in mexico-a",
     "gives 'embeddings'",
     [](auto& facts) {
       change(facts, [](auto& contents) {
         contents.network.models[0].features.emplace_back("embeddings");
       });
     }},
    {"parity that was not measured", "region mexico", "not known: There is no World yet",
     [](auto& facts) {
       facts.parity.reset();
       facts.parity_why = "There is no World yet.";
     }},
    {"parity of another region", "region mexico", "it was not measured",
     [](auto& facts) { facts.parity->regions.front().first = "texas"; }},
});

FrontDoorProbe& probe(OpeningFacts& facts) { return facts.probes.at(1); }  // small, streamed

constexpr std::string_view probed = "model small at http://gw-mexico-a-1:8080, streamed";

constexpr auto badly_answered = std::to_array<Flaw>({
    {"a probe that is refused", probed, "503 scope_exhausted",
     [](auto& facts) {
       probe(facts).status = 503;
       probe(facts).code = "scope_exhausted";
     }},
    {"a stream that is cut", probed, "the answer is not whole: The stream ended without [DONE]",
     [](auto& facts) {
       probe(facts).whole = false;
       probe(facts).why = "The stream ended without [DONE].";
     }},
    {"a door that does not answer", probed, "nothing came back: There was no answer",
     [](auto& facts) {
       probe(facts).status = 0;
       probe(facts).why = "There was no answer: connection refused.";
     }},
    {"a probe computed elsewhere", probed, "zone 'texas-a', which is not of the place",
     [](auto& facts) { probe(facts).computed_in = probe(facts).record->zone = "texas-a"; }},
    {"a probe of which nobody knows where it was computed", probed, "zone ''",
     [](auto& facts) { probe(facts).computed_in.clear(); }},
    {"an answer without usage", probed, "has no usage",
     [](auto& facts) { probe(facts).completion_tokens.reset(); }},
    {"a record that never came", probed, "no record of request gw-1-7: none within 15 s",
     [](auto& facts) {
       probe(facts).record.reset();
       probe(facts).record_why = "none within 15 s";
     }},
    {"a record with other tokens", probed, "counts 31 and 9 tokens",
     [](auto& facts) { probe(facts).record->completion_tokens = 9; }},
    {"a record of another zone", probed, "says zone mexico-b where",
     [](auto& facts) { probe(facts).record->zone = "mexico-b"; }},
    {"a record of another model", probed, "says model large",
     [](auto& facts) { probe(facts).record->model = "large"; }},
    {"a record that says it failed", probed, "says 'failed'",
     [](auto& facts) { probe(facts).record->state = "failed"; }},
    {"a model that nobody asked for as a stream", "model large in mexico-b", "as a stream",
     [](auto& facts) {
       std::erase_if(facts.probes, [](const auto& sent) {
         return sent.model == "large" && sent.streamed && sent.zone == "mexico-b";
       });
     }},
    {"a gateway at whose door nobody asked", "gateway gw-mexico-a-2", "Nothing was asked",
     [](auto& facts) {
       std::erase_if(facts.probes,
                     [](const auto& sent) { return sent.gateway == "gw-mexico-a-2"; });
     }},
    {"a region at whose door nobody asked", "region mexico", "https://mexico.example.net/v1",
     [](auto& facts) {
       std::erase_if(facts.probes, [](const auto& sent) { return sent.gateway.empty(); });
     }},
    {"no probe at all", "region mexico", "not probed: the key did not arrive",
     [](auto& facts) {
       facts.probes.clear();
       facts.probes_why = "the key did not arrive.";
     }},
});

constexpr std::string_view refused = "data that no rule lets in at http://gw-mexico-a-1:8080";

constexpr auto badly_refused = std::to_array<Flaw>({
    {"an outsider that is answered", refused, "answered with 200, computed in 'mexico-a'",
     [](auto& facts) {
       facts.refusals.front().probe.status = 200;
       facts.refusals.front().probe.computed_in = "mexico-a";
     }},
    {"a refusal for another reason", refused, "401 invalid_api_key, where scope_denied was wanted",
     [](auto& facts) {
       facts.refusals.front().probe.status = 401;
       facts.refusals.front().probe.code = "invalid_api_key";
     }},
    {"a door that is silent", refused, "not known, as nothing came back",
     [](auto& facts) {
       facts.refusals.front().probe.status = 0;
       facts.refusals.front().probe.code.clear();
     }},
    {"a gateway that had to refuse nothing", "gateway gw-mexico-b-2", "asked nothing",
     [](auto& facts) {
       std::erase_if(facts.refusals,
                     [](const auto& refusal) { return refusal.probe.gateway == "gw-mexico-b-2"; });
     }},
    {"refusals that could not be asked", "region mexico", "has to refuse: no such workspace",
     [](auto& facts) { facts.refusals_why = "no such workspace."; }},
});

FrontDoorProbe& drilled(OpeningFacts& facts) { return facts.drills.front().probes.front(); }

constexpr std::string_view in_drill =
    "model small at http://gw-mexico-b-1:8080 with zone mexico-a lost";

constexpr auto lost = std::to_array<Flaw>({
    {"a request that is lost with a zone", in_drill, "503 scope_exhausted",
     [](auto& facts) {
       drilled(facts).status = 503;
       drilled(facts).code = "scope_exhausted";
     }},
    {"a zone that computes although it is drained", in_drill, "in the zone that was drained",
     [](auto& facts) { drilled(facts).computed_in = "mexico-a"; }},
    {"an answer from far away", in_drill, "'oregon-a', which is no zone of the region",
     [](auto& facts) { drilled(facts).computed_in = "oregon-a"; }},
    {"a drill that was not held", "zone mexico-b", "not drained for a trial",
     [](auto& facts) { facts.drills.pop_back(); }},
    {"a drill that could not be held", "zone mexico-b", "could not be tried: store failed",
     [](auto& facts) { facts.drills.back() = {"mexico-b", "store failed.", {}, ""}; }},
    {"a drill in which nobody asked", "zone mexico-b", "Nothing was asked",
     [](auto& facts) { facts.drills.back().probes.clear(); }},
    {"a zone that was not put back", "zone mexico-a", "portolan restrict lift drain mexico-a",
     [](auto& facts) { facts.drills.front().lifted_why = "store failed."; }},
});

void busy(OpeningFacts& facts, std::string_view gateway, std::uint64_t p95) {
  heard_from(facts, gateway).said.load->busy_p95 = p95;
}

constexpr auto not_carried = std::to_array<Flaw>({
    {"a neighbour that is full", "region mexico", "room for 26 requests at once where 32",
     [](auto& facts) { busy(facts, "gw-texas-a-1", 12); }},
    {"a neighbour that is over its slots", "region mexico", "room for 24 requests",
     [](auto& facts) { busy(facts, "gw-texas-a-2", 90); }},
    {"a neighbour that lost its engines", "region mexico", "room for 24 requests",
     [](auto& facts) {
       for (const auto* gateway : {"gw-chile-a-1", "gw-chile-a-2"}) {
         heard_from(facts, gateway).said.load->slots = 4;
       }
     }},
    {"a neighbour that fell silent", "region mexico", "Not counted, as not all",
     [](auto& facts) { heard_from(facts, "gw-chile-a-2").silent = Duration::seconds(60); }},
    {"a neighbour that does not tell its load", "region mexico", "their load: texas-b",
     [](auto& facts) { heard_from(facts, "gw-texas-b-1").said.load.reset(); }},
    {"a load that is larger than they carry", "region mexico", "where 37 would leave",
     [](auto& facts) { facts.opening.load = 37; }},
    {"a place that does more than was planned", "region mexico", "where 40 would leave",
     [](auto& facts) {
       facts.opening.load = 8;
       busy(facts, "gw-mexico-a-1", 30);
       busy(facts, "gw-mexico-b-1", 10);
     }},
    {"no neighbour", "region mexico", "has no neighbours",
     [](auto& facts) { facts.neighbours.clear(); }},
    {"a model that no neighbour has", "model large in mexico", "No neighbour has it",
     [](auto& facts) {
       change(facts, [](auto& contents) {
         std::erase_if(contents.network.deployments, [](const auto& deployment) {
           return deployment.model == "large" && !deployment.zone.starts_with("mexico");
         });
       });
     }},
});

TEST(OpeningFlaws, CatalogueAloneFindsWhatIsNotOffered) {
  expect_caught(model::Gate::catalogue, not_offered);
}

TEST(OpeningFlaws, ProbesAloneFindsWhatIsAnsweredOrRecordedWrongly) {
  expect_caught(model::Gate::probes, badly_answered);
}

TEST(OpeningFlaws, RefusalsAloneFindsWhoLetsOutsidersIn) {
  expect_caught(model::Gate::refusals, badly_refused);
}

TEST(OpeningFlaws, LossAloneFindsWhatALostZoneTakesAlong) {
  expect_caught(model::Gate::loss, lost);
}

TEST(OpeningFlaws, NeighboursAloneFindsWhoCanNotStandIn) {
  expect_caught(model::Gate::neighbours, not_carried);
}

}  // namespace
}  // namespace portolan::control

// What can be wrong with the gateways of a place that opens, and which gate finds it.

#include "control/opening_flaw_test_support.h"

namespace portolan::control {
namespace {

using namespace testing;

constexpr auto unreachable = std::to_array<Flaw>({
    {"a way out that is shut", "gateway gw-mexico-a-1 in mexico-a",
     "not reach zone texas-a (connection refused)",
     [](auto& facts) {
       reach(facts, "gw-mexico-a-1", "gw-texas-a-1") = {
           "gw-texas-a-1", false, {}, "connection refused."};
     }},
    {"a way back that is shut", "gateway gw-mexico-b-2 in mexico-b",
     "not reached from zone chile-a (connection timed out)",
     [](auto& facts) {
       reach(facts, "gw-chile-a-1", "gw-mexico-b-2") = {
           "gw-mexico-b-2", false, {}, "connection timed out"};
     }},
    {"two gateways of the place that do not meet", "gateway gw-mexico-b-1",
     "not reach gateway gw-mexico-a-2 in mexico-a (it does not answer)",
     [](auto& facts) { reach(facts, "gw-mexico-b-1", "gw-mexico-a-2").reached = false; }},
    {"a peer that was not tried", "gateway gw-mexico-b-2", "zone texas-b (it was not tried)",
     [](auto& facts) {
       std::erase_if(said_by(facts, "gw-mexico-b-2").peers,
                     [](const auto& peer) { return peer.gateway == "gw-texas-b-1"; });
     }},
    {"a place that is too far", "gateway gw-mexico-a-1",
     "region texas takes 61.5 ms, where at most 60.0 ms",
     [](auto& facts) {
       reach(facts, "gw-mexico-a-1", "gw-texas-b-1").round_trip = Duration::microseconds(61'500);
     }},
    {"a distance that nobody could measure", "gateway gw-mexico-b-1",
     "No round trip to region chile",
     [](auto& facts) { reach(facts, "gw-mexico-b-1", "gw-chile-a-1").round_trip.reset(); }},
    {"an address at which another gateway answers", "gateway gw-mexico-a-2",
     "Gateway 'gw-mexico-a-1' of zone 'mexico-a' answers",
     [](auto& facts) { said_by(facts, "gw-mexico-a-2").gateway = "gw-mexico-a-1"; }},
    {"a gateway that was started for another zone", "gateway gw-mexico-b-1",
     "of zone 'mexico-a' answers",
     [](auto& facts) { said_by(facts, "gw-mexico-b-1").zone = "mexico-a"; }},
    {"a zone without a gateway", "zone mexico-b", "has no gateway",
     [](auto& facts) {
       change(facts, [](auto& contents) { contents.network.zones[2].gateways.clear(); });
     }},
    {"a region without a front door", "region mexico", "'url'",
     [](auto& facts) {
       change(facts, [](auto& contents) {
         contents.network.regions[1].url.clear();
         for (const std::size_t zone : {1u, 2u}) {
           for (auto& gateway : contents.network.zones[zone].gateways) gateway.url.clear();
         }
       });
     }},
    {"a zone elsewhere that could not be asked", "zone chile-a", "not known: no way there",
     [](auto& facts) {
       look_at(facts, "gw-chile-a-1").found.reset();
       look_at(facts, "gw-chile-a-1").why = "no way there.";
     }},
});

constexpr auto off_time = std::to_array<Flaw>({
    {"a clock that is two seconds ahead", "gateway gw-mexico-a-1", "2.000 s ahead of",
     [](auto& facts) {
       look_at(facts, "gw-mexico-a-1").found->clock_ahead = Duration::seconds(2);
     }},
    {"a clock that is two seconds behind", "gateway gw-mexico-b-2", "2.000 s behind",
     [](auto& facts) {
       look_at(facts, "gw-mexico-b-2").found->clock_ahead = Duration::seconds(-2);
     }},
    {"a clock that is off by more than its opening allows", "gateway gw-mexico-a-1",
     "where 4 ms are allowed", [](auto& facts) { facts.opening.clock_ms = 4; }},
    {"a clock that can not be read", "gateway gw-mexico-a-2", "can not be told",
     [](auto& facts) {
       look_at(facts, "gw-mexico-a-2").found->clock_doubt = Duration::milliseconds(501);
     }},
});

void certify(OpeningFacts& facts, std::string_view gateway, const seal::Identity& as) {
  auto& shown = *said_by(facts, gateway).certificate;
  shown.identity = seal::render_identity(as);
  shown.zone = as.zone;
}

void end(OpeningFacts& facts, std::string_view gateway, std::int64_t hours) {
  said_by(facts, gateway).certificate->not_after = opening_day + Duration::hours(hours);
}

constexpr auto badly_certified = std::to_array<Flaw>({
    {"a certificate of another zone", "gateway gw-mexico-a-1",
     "spiffe://net/zone/texas-a/gateway/gw-mexico-a-1 for zone 'texas-a'",
     [](auto& facts) {
       certify(facts, "gw-mexico-a-1",
               {.network = "net", .zone = "texas-a", .id = "gw-mexico-a-1"});
     }},
    {"a certificate of another network", "gateway gw-mexico-b-1", "spiffe://other/",
     [](auto& facts) {
       certify(facts, "gw-mexico-b-1",
               {.network = "other", .zone = "mexico-b", .id = "gw-mexico-b-1"});
     }},
    {"a certificate of another gateway", "gateway gw-mexico-b-2", "gateway/gw-mexico-b-1 for",
     [](auto& facts) {
       certify(facts, "gw-mexico-b-2",
               {.network = "net", .zone = "mexico-b", .id = "gw-mexico-b-1"});
     }},
    {"no certificate", "gateway gw-mexico-a-2", "shows no certificate",
     [](auto& facts) { said_by(facts, "gw-mexico-a-2").certificate.reset(); }},
    {"a certificate that ends tomorrow", "gateway gw-mexico-a-1", "less than 24 hours from now",
     [](auto& facts) { end(facts, "gw-mexico-a-1", 23); }},
    {"a certificate that has ended", "gateway gw-mexico-a-1", "ends at 2027-01-13T08:00:00Z",
     [](auto& facts) { end(facts, "gw-mexico-a-1", -48); }},
    {"a certificate that is revoked", "gateway gw-mexico-b-1", "is revoked",
     [](auto& facts) { facts.restrictions.revoked_machines = {"gw-mexico-b-1"}; }},
});

constexpr auto behind = std::to_array<Flaw>({
    {"an old World", "gateway gw-mexico-a-1", "World 6 of epoch 2, where 7 of epoch 2",
     [](auto& facts) { heard_from(facts, "gw-mexico-a-1").said.world->version.number = 6; }},
    {"a World with other content", "gateway gw-mexico-a-1", "with other content",
     [](auto& facts) { heard_from(facts, "gw-mexico-a-1").said.world->hash = "w6"; }},
    {"no World", "gateway gw-mexico-b-1", "holds World none",
     [](auto& facts) { heard_from(facts, "gw-mexico-b-1").said.world.reset(); }},
    {"an old Keyring", "gateway gw-mexico-b-2", "Keyring 8",
     [](auto& facts) { heard_from(facts, "gw-mexico-b-2").said.keyring->version.number = 8; }},
    {"old Restrictions", "gateway gw-mexico-b-2", "Restrictions 2",
     [](auto& facts) { heard_from(facts, "gw-mexico-b-2").said.restrictions->version.number = 2; }},
    {"a Keyring of another epoch", "gateway gw-mexico-a-2", "Keyring 10 of epoch 1",
     [](auto& facts) {
       heard_from(facts, "gw-mexico-a-2").said.keyring->version = {"net", 1, 10};
     }},
    {"a World that is refused", "gateway gw-mexico-a-1", "refuses world 8: scope 'all' is odd",
     [](auto& facts) {
       heard_from(facts, "gw-mexico-a-1").said.refused = {
           {seal::DocumentKind::world, {"net", 2, 8}, "w8", "scope 'all' is odd."}};
     }},
    {"a gateway that fell silent", "gateway gw-mexico-b-1", "not asked control for 30.0 s",
     [](auto& facts) { heard_from(facts, "gw-mexico-b-1").silent = Duration::seconds(30); }},
    {"a gateway that was never heard", "gateway gw-mexico-a-2", "hears nothing",
     [](auto& facts) {
       std::erase_if(facts.heard,
                     [](const auto& heard) { return heard.gateway == "gw-mexico-a-2"; });
     }},
    {"a gateway that polls for another zone", "gateway gw-mexico-a-2", "serves zone 'texas-a'",
     [](auto& facts) { heard_from(facts, "gw-mexico-a-2").said.zone = "texas-a"; }},
});

TEST(OpeningFlaws, ReachAloneFindsWhoIsNotReached) {
  expect_caught(model::Gate::reach, unreachable);
}

TEST(OpeningFlaws, ClocksAloneFindsClocksThatAreOff) {
  expect_caught(model::Gate::clocks, off_time);
}

TEST(OpeningFlaws, CertificatesAloneFindsWrongCertificates) {
  expect_caught(model::Gate::certificates, badly_certified);
}

TEST(OpeningFlaws, KeysAloneFindsWhoHoldsSomethingOld) { expect_caught(model::Gate::keys, behind); }

}  // namespace
}  // namespace portolan::control

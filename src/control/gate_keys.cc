#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "control/gate_place.h"
#include "seal/signed_document.h"

namespace portolan::control {
namespace {

// One document as gateways are to hold it.
struct Wanted {
  std::string_view what;
  std::uint64_t number = 0;
  std::string hash{};  // empty: a newer one will do, too
};

std::string shown(const std::optional<world::Seen>& held) {
  if (!held) return "none";
  return fmt::format("{} of epoch {}", held->version.number, held->version.epoch);
}

class KeysJudge {
 public:
  explicit KeysJudge(const OpeningFacts& facts) : facts_(facts) {}

  void judge(const GatedPlace::Gateway& gateway) {
    const GatewayHeard* heard = heard_of(facts_, gateway.address->id);
    if (heard == nullptr) {
      add(gateway, "Control hears nothing of it. See that it runs and reaches control.");
      return;
    }
    const auto& said = heard->said;
    silence_ = std::max(silence_, heard->silent);
    if (heard->silent > opening_silence_ms_max.milliseconds()) {
      add(gateway, fmt::format("It has not asked control for {:.1f} s, where {} is {} ms. See that "
                               "it runs and reaches control.",
                               heard->silent.seconds(), opening_silence_ms_max.name,
                               opening_silence_ms_max.value));
    }
    if (said.zone != gateway.zone->name) {
      add(gateway, fmt::format("It serves zone '{}'. Start it for the zone that the resources have "
                               "it in.",
                               said.zone));
    }
    const auto& numbers = facts_.numbers;
    compare(gateway, {"World", numbers.world, numbers.world_hash}, said.world);
    compare(gateway, {"Keyring", numbers.keyring}, said.keyring);
    compare(gateway, {"Restrictions", numbers.restrictions}, said.restrictions);
    for (const auto& refusal : said.refused) {
      add(gateway,
          fmt::format("It refuses {} {}: {}. 'portolan get worlds' shows it; mend what it names.",
                      seal::name_of(refusal.kind), refusal.version.number, clause(refusal.reason)));
    }
  }

  GateVerdict take(std::size_t gateways) {
    const auto& numbers = facts_.numbers;
    verdict_.evidence.push_back(fmt::format(
        "{} gateways; World {}, Keyring {} and Restrictions {} of epoch {} are the newest; the one "
        "that was silent longest was so for {:.1f} s.",
        gateways, numbers.world, numbers.keyring, numbers.restrictions, numbers.epoch,
        silence_.seconds()));
    return std::move(verdict_);
  }

 private:
  void add(const GatedPlace::Gateway& gateway, std::string sentence) {
    add_finding(verdict_, gateway.subject(), std::move(sentence));
  }

  void compare(const GatedPlace::Gateway& gateway, const Wanted& wanted,
               const std::optional<world::Seen>& held) {
    if (wanted.number == 0 && !held) return;  // nothing was ever sent
    const auto version = facts_.numbers.of(wanted.number);
    const bool same_number = held && held->version == version;
    if (same_number && (wanted.hash.empty() || held->hash == wanted.hash)) return;
    const bool same_epoch = held && held->version == facts_.numbers.of(held->version.number);
    if (same_epoch && wanted.hash.empty() && held->version.number > wanted.number) return;
    add(gateway, fmt::format("It holds {} {}{}, where {} of epoch {} is the newest. Wait until it "
                             "has it; 'portolan get worlds' shows what keeps it.",
                             wanted.what, shown(held), same_number ? " with other content" : "",
                             version.number, version.epoch));
  }

  const OpeningFacts& facts_;
  GateVerdict verdict_;
  Duration silence_;
};

}  // namespace

GateVerdict gate_keys(const OpeningFacts& facts) {
  GateVerdict verdict;
  const GatedPlace place = gated_place(facts);
  if (!has_gateways(facts, place, verdict)) return verdict;
  if (facts.numbers.world == 0) {
    add_finding(verdict, place_subject(facts), "There is no World yet. Apply its resources.");
    return verdict;
  }
  KeysJudge judge(facts);
  for (const auto& gateway : place.gateways) judge.judge(gateway);
  return judge.take(place.gateways.size());
}

}  // namespace portolan::control

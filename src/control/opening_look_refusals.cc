#include <array>
#include <utility>

#include "control/opening_closing.h"
#include "control/opening_look.h"
#include "model/credential.h"

// What has to be refused.
namespace portolan::control {
namespace {

// As good as any but for nobody having made it known.
std::string unknown_key(runtime::Shard& shard) {
  std::array<unsigned char, 32> secret{};
  std::array<unsigned char, 9> id{};
  shard.fill_secret(secret);
  shard.fill_secret(id);
  return model::make_key(secret, id).text;
}

}  // namespace

runtime::Task<Status> OpeningLook::ask_refusals(OpeningFacts& facts,
                                                std::vector<RefusalToAsk>& asked) {
  std::vector<FrontDoorQuestion> questions;
  for (const auto& refusal : asked) questions.push_back(refusal.question);
  std::vector<FrontDoorProbe> probes;
  CO_TRY_DO(co_await ask_doors(questions, probes));
  for (std::size_t i = 0; i < asked.size(); ++i) {
    facts.refusals.push_back({.what = std::move(asked[i].what),
                              .wanted_code = std::move(asked[i].wanted_code),
                              .probe = std::move(probes[i])});
  }
  co_return Status{};
}

runtime::Task<Status> OpeningLook::probe_refusals(OpeningFacts& facts) {
  if (!facts.refusals.empty()) co_return Status{};
  facts.refusals_why.clear();
  CO_TRY_DO(co_await hear(facts));
  auto asked = plan_refusals(facts);
  if (!asked) {
    facts.refusals_why = asked.error().message;
    co_return Status{};
  }
  Told told{.zones = facts.zones};
  told.zones.insert(told.zones.end(), facts.neighbours.begin(), facts.neighbours.end());
  std::map<RefusalToAsk::By, std::string> keys{{RefusalToAsk::By::nobody, unknown_key(shard_)}};
  const std::string& name = facts.opening.name;
  for (const auto by : {RefusalToAsk::By::probing, RefusalToAsk::By::outsider}) {
    const bool probing = by == RefusalToAsk::By::probing;
    std::string workspace = probing ? closing_name(name) : outside_name(name);
    std::string opening = name;
    auto key = co_await key_of(std::move(workspace), std::move(opening));
    if (!key && ends_look(key.error())) co_return key.error();
    if (!key) {
      facts.refusals_why = key.error().message;
      co_return Status{};
    }
    keys[by] = key->text;
    told.keyring = std::max(told.keyring, key->keyring);
  }
  for (auto& refusal : *asked) refusal.question.key = keys[refusal.by];
  CO_TRY_DO(co_await await_told(std::move(told)));
  auto status = co_await ask_refusals(facts, *asked);
  co_return status;
}

}  // namespace portolan::control

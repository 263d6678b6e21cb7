#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "control/at_once.h"
#include "control/opening_closing.h"
#include "control/opening_limits.h"
#include "control/opening_look.h"
#include "control/opening_place.h"
#include "runtime/wait.h"
#include "wire/json_cursor.h"
#include "wire/url.h"
#include "wire/usage_post.h"

// Probes at front doors, and what the ledger has of them.
namespace portolan::control {
namespace {

constexpr Duration record_pause = Duration::milliseconds(500);

// What the meter says of one request; nothing: the ledger has not got it yet.
Result<std::optional<ProbeRecord>> read_answer(const wire::Json& answer) {
  const wire::JsonCursor said(answer, Code::malformed_peer);
  const auto record = said.find("record");
  if (!record) return std::optional<ProbeRecord>();
  ProbeRecord read;
  TRY(read.zone, record->text("zone"));
  TRY(read.model, record->text("model"));
  TRY(read.state, record->text("outcome"));
  TRY(read.prompt_tokens, record->count("prompt_tokens"));
  TRY(read.completion_tokens, record->count("completion_tokens"));
  return std::optional(std::move(read));
}

// Whether a record is to be expected that nobody has told of yet.
bool wants_record(const FrontDoorProbe& probe) {
  return probe.status == 200 && !probe.request_id.empty() && !probe.record &&
         probe.record_why.empty();
}

}  // namespace

runtime::Task<void> OpeningLook::ask_door(FrontDoorQuestion& question, FrontDoorProbe& probe,
                                          Instant deadline) {
  if (shard_.now() >= deadline) {
    probe = {.door = question.door,
             .gateway = question.gateway,
             .zone = question.zone,
             .model = question.model,
             .streamed = question.streamed,
             .why = fmt::format("It was not asked, as those before took {} ms.",
                                opening_probes_ms_max.value)};
    co_return;
  }
  auto asked = question;
  auto trust = parts_.public_trust;
  auto asking = probe_front_door(shard_, std::move(trust), std::move(asked));
  probe = co_await std::move(asking);
}

runtime::Task<Status> OpeningLook::ask_doors(std::vector<FrontDoorQuestion>& questions,
                                             std::vector<FrontDoorProbe>& probes) {
  probes.resize(questions.size());
  const Instant deadline = shard_.now() + opening_probes_ms_max.milliseconds();
  auto work = [&](std::size_t at) { return ask_door(questions[at], probes[at], deadline); };
  const std::size_t at_once = opening_probes_at_once_max.count();
  const Status asked = co_await several_at_once(shard_, questions.size(), at_once, work);
  if (!asked) probes.clear();
  co_return asked;
}

runtime::Task<bool> OpeningLook::read_record(FrontDoorProbe& probe) {
  std::string target = fmt::format("{}?id=", wire::usage_request_path);
  wire::append_percent_encoded(target, probe.request_id);
  auto answer = co_await parts_.meter.ask(std::move(target));
  if (!answer) {
    probe.record_why = answer.error().message;
    co_return false;
  }
  auto record = read_answer(*answer);
  if (record) {
    probe.record = std::move(*record);
  } else {
    probe.record_why = record.error().message;
  }
  co_return true;
}

// Gateways ship their records about once a second.
runtime::Task<Status> OpeningLook::read_records(std::vector<FrontDoorProbe>& probes) {
  const Instant deadline = shard_.now() + opening_record_ms_max.milliseconds();
  for (;;) {
    std::string why;
    for (auto& probe : probes) {
      if (!wants_record(probe)) continue;
      if (shard_.now() >= deadline) break;
      if (why.empty()) {
        const bool able = co_await read_record(probe);
        if (!able) why = probe.record_why;
      } else {
        probe.record_why = why;
      }
    }
    if (std::ranges::none_of(probes, wants_record)) break;
    if (shard_.now() >= deadline) break;
    CO_TRY_DO(co_await runtime::sleep_for(shard_, record_pause));
  }
  for (auto& probe : probes) {
    if (!wants_record(probe)) continue;
    probe.record_why = fmt::format("It was not there after {} ms.", opening_record_ms_max.value);
  }
  co_return Status{};
}

runtime::Task<Status> OpeningLook::probe(OpeningFacts& facts) {
  if (!facts.probes.empty()) co_return Status{};
  facts.probes_why.clear();
  const auto scope = zones_of_scope(*facts.contents, closing_name(facts.opening.name));
  if (!scope) {
    facts.probes_why = scope.error().message;
    co_return Status{};
  }
  auto questions = plan_probes(facts, *scope != facts.zones);
  if (questions.empty()) {
    facts.probes_why = "No gateway of the place has a front door, or no model is deployed there.";
    co_return Status{};
  }
  std::string workspace = closing_name(facts.opening.name);
  std::string opening = facts.opening.name;
  const auto key = co_await key_of(std::move(workspace), std::move(opening));
  if (!key && ends_look(key.error())) co_return key.error();
  if (!key) {
    facts.probes_why = key.error().message;
    co_return Status{};
  }
  for (auto& question : questions) question.key = key->text;
  Told told{.zones = facts.zones, .keyring = key->keyring};
  CO_TRY_DO(co_await await_told(std::move(told)));
  CO_TRY_DO(co_await ask_doors(questions, facts.probes));
  const Status read = co_await read_records(facts.probes);
  if (!read) facts.probes.clear();
  co_return read;
}

}  // namespace portolan::control

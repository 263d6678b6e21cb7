#include "gateway/inspect_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dialect/engine_props.h"
#include "gateway/engine_trials.h"
#include "gateway/inspect_limits.h"
#include "runtime/combine.h"
#include "runtime/wait.h"
#include "seal/sha256.h"

namespace portolan::gateway {
namespace {

// Cut alike by no two tokenizers that count differently: words, digits, scripts, spaces, marks.
constexpr std::string_view tokenizer_sample =
    "The quick brown fox jumps over 13 lazy dogs; 1234567890 = 0x499602d2.\n\tdef f(x): return "
    "x**2  # \"quoted\"\n\xC3\x9C"
    "ber allen Gipfeln ist Ruh'. \xE4\xBD\xA0\xE5\xA5\xBD\xEF\xBC\x8C\xE4\xB8\x96\xE7\x95\x8C "
    "\xD0\x9C\xD0\xB8\xD1\x80 \xF0\x9F\x8C\x8D";

std::string digest_of(std::string_view bytes) {
  seal::Sha256 digest;
  digest.add(bytes);
  return digest.hex();
}

// The first thing that went wrong is told; a Fault when nothing more can be asked.
Status note(world::EngineInspection& found, const Status& looked) {
  if (looked) return {};
  if (found.why.empty()) found.why = looked.error().message;
  return ends_questions(looked.error()) ? looked : Status();
}

// A new engine is judged by the first probes.
runtime::Task<Status> await_judgement(AskedEngine& asked) {
  Gateway& gateway = asked.gateway;
  const Instant judged_by =
      std::min(asked.deadline, gateway.shard().now() + inspect_health_wait_ms.milliseconds());
  const auto judged = [&gateway, &asked] {
    const auto found = gateway.engines().engines().find(asked.engine.url);
    return found != gateway.engines().engines().end() &&
           (found->second.healthy || found->second.probe_failures > 0);
  };
  while (!judged() && gateway.shard().now() < judged_by) {
    CO_TRY_DO(co_await runtime::sleep_for(gateway.shard(), Duration::milliseconds(20)));
  }
  co_return Status();
}

runtime::Task<Status> look_at_list(AskedEngine& asked, world::EngineInspection& found) {
  EngineQuestion question{std::string(dialect::props_paths(asked.kind).models), ""};
  CO_TRY(const auto body, co_await ask_engine(asked, std::move(question)));
  CO_TRY(const auto listed, dialect::read_model_list(body, asked.served_as));
  found.served_as_known = listed.listed;
  found.context = listed.context;
  found.weights = {.parameters = listed.parameters,
                   .vocabulary = listed.vocabulary,
                   .bytes = listed.bytes,
                   .trained_context = listed.trained_context};
  co_return Status();
}

runtime::Task<Status> look_at_props(AskedEngine& asked, world::EngineInspection& found) {
  EngineQuestion question{std::string(dialect::props_paths(asked.kind).props), ""};
  if (question.path.empty()) co_return Status();
  CO_TRY(const auto body, co_await ask_engine(asked, std::move(question)));
  CO_TRY(const auto props, dialect::read_props(body));
  if (props.context) found.context = props.context;
  found.slots = props.slots;
  if (!props.chat_template.empty()) found.template_sha256 = digest_of(props.chat_template);
  co_return Status();
}

runtime::Task<Status> look_at_tokenizer(AskedEngine& asked, world::EngineInspection& found) {
  EngineQuestion question{std::string(dialect::props_paths(asked.kind).tokenize),
                          dialect::render_tokenize(tokenizer_sample, dialect::SpecialTokens::none)};
  if (question.path.empty()) co_return Status();
  CO_TRY(const auto body, co_await ask_engine(asked, std::move(question)));
  CO_TRY(const auto tokens, dialect::read_token_list(body));
  found.tokenizer_sha256 = digest_of(fmt::format("{}", fmt::join(tokens, ",")));
  co_return Status();
}

// What the engine says without computing. Goes on after what an engine does not answer.
runtime::Task<Status> look_at_facts(AskedEngine& asked, world::EngineInspection& found) {
  const Status listed = co_await look_at_list(asked, found);
  CO_TRY_DO(note(found, listed));
  const Status props = co_await look_at_props(asked, found);
  CO_TRY_DO(note(found, props));
  const Status tokenizer = co_await look_at_tokenizer(asked, found);
  co_return note(found, tokenizer);
}

runtime::Task<Status> look(AskedEngine& asked, InspectTurns& turns,
                           std::vector<world::GoldenPrompt>& prompts,
                           world::EngineInspection& found) {
  runtime::Shard& shard = asked.gateway.shard();
  CO_TRY(const auto turn, co_await turns.take(shard, asked.engine.url, asked.deadline));
  CO_TRY_DO(co_await await_judgement(asked));
  if (!asked.gateway.engines().load_of(asked.engine).healthy) {
    co_return Fault{Code::unreachable, Retry::later, "the gateway's probes find it down"};
  }
  CO_TRY_DO(co_await look_at_facts(asked, found));
  CO_TRY_DO(co_await try_features(asked, found));
  for (world::GoldenPrompt& prompt : prompts) {
    auto& probe = found.probes.emplace_back();
    probe.prompt = prompt.name;
    CO_TRY_DO(co_await try_prompt(asked, prompt, probe));
  }
  co_return Status();
}

}  // namespace

runtime::Task<void> inspect_engine(AskedEngine& asked, InspectTurns& turns,
                                   std::vector<world::GoldenPrompt>& prompts,
                                   world::EngineInspection& found) {
  const auto looked = co_await look(asked, turns, prompts, found);
  found.healthy = asked.gateway.engines().load_of(asked.engine).healthy;
  if (!looked && found.why.empty()) found.why = looked.error().message;
}

}  // namespace portolan::gateway

#include "gateway/engine_trials.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dialect/engine_props.h"
#include "dialect/engine_trial.h"
#include "gateway/inspect_turns.h"
#include "runtime/combine.h"
#include "seal/sha256.h"
#include "wire/utf8.h"

namespace portolan::gateway {
namespace {

using dialect::Trial;
using dialect::TrialAnswer;

// What one trial came to: an answer, or a fault of the engine.
using Outcome = Result<TrialAnswer>;

runtime::Task<Outcome> work_on(AskedEngine& asked, Trial trial) {
  std::string body = dialect::render_trial(trial, asked.kind);
  EngineQuestion question{std::string(dialect::path_of(trial.endpoint)), std::move(body)};
  CO_TRY(const auto said, co_await ask_engine(asked, std::move(question)));
  co_return trial.stream ? dialect::read_trial_stream(said, trial.endpoint)
                         : dialect::read_trial_answer(said, trial.endpoint);
}

// In a slot of the engine, ended when the engine is found lost.
runtime::Task<Outcome> run_trial(AskedEngine& asked, Trial trial) {
  EngineBoard& board = asked.gateway.engines();
  CO_TRY_DO(co_await await_room(asked.gateway.shard(), board, asked.engine, asked.deadline));
  runtime::CancelScope* outer = co_await runtime::CurrentScope{};
  EngineBoard::Lease lease(board, asked.engine.url, outer);
  auto work = work_on(asked, std::move(trial));
  Outcome outcome = co_await std::move(work).under(lease.scope());
  if (!outcome && lease.engine_lost() && !outer->is_cancelled()) {
    co_return Fault{Code::unreachable, Retry::later, "it died while it was asked"};
  }
  co_return outcome;
}

// Notes what came of it; a Fault when nothing more can be asked.
Status note(world::EngineInspection& found, std::string_view feature, const Outcome& outcome) {
  found.features.push_back(
      {std::string(feature), outcome.has_value(), outcome ? "" : outcome.error().message});
  if (!outcome && ends_questions(outcome.error())) return outcome.error();
  return {};
}

Trial smallest(const AskedEngine& asked, model::Endpoint endpoint, bool stream) {
  return {.endpoint = endpoint,
          .served_as = asked.served_as,
          .messages = {{"user", "Hi"}},
          .max_tokens = Tokens{1},
          .seed = 1,
          .stream = stream};
}

Trial trial_of(const AskedEngine& asked, const world::GoldenPrompt& prompt, bool stream) {
  Trial trial{.endpoint = model::Endpoint::chat_completions,
              .served_as = asked.served_as,
              .messages = {},
              .max_tokens = prompt.max_tokens,
              .seed = prompt.seed,
              .stream = stream};
  for (const auto& message : prompt.messages) {
    trial.messages.push_back({message.role, message.content});
  }
  return trial;
}

runtime::Task<Result<Tokens>> count_tokens(AskedEngine& asked, std::string text,
                                           dialect::SpecialTokens special) {
  EngineQuestion question{std::string(dialect::props_paths(asked.kind).tokenize),
                          dialect::render_tokenize(text, special)};
  CO_TRY(const auto body, co_await ask_engine(asked, std::move(question)));
  CO_TRY(const auto tokens, dialect::read_token_list(body));
  co_return Tokens{tokens.size()};
}

// By the engine's own template and tokenizer, apart from what it computes.
runtime::Task<Result<Tokens>> count_prompt(AskedEngine& asked, Trial trial) {
  EngineQuestion question{std::string(dialect::props_paths(asked.kind).apply_template),
                          dialect::render_messages(trial.messages)};
  CO_TRY(const auto body, co_await ask_engine(asked, std::move(question)));
  CO_TRY(auto prompt, dialect::read_applied_template(body));
  const auto special = dialect::SpecialTokens::of_a_prompt;
  auto counted = co_await count_tokens(asked, std::move(prompt), special);
  co_return counted;
}

// The longest beginning of whole characters that may be told.
std::string beginning_of(std::string_view text) {
  const std::size_t bytes_max = world::inspect_text_bytes_max.count();
  std::size_t size = 0;
  while (size < text.size()) {
    const std::size_t next = std::max<std::size_t>(wire::utf8_sequence(text.substr(size)), 1);
    if (size + next > bytes_max) break;
    size += next;
  }
  return std::string(text.substr(0, size));
}

void tell(world::PromptProbe& probe, const TrialAnswer& whole) {
  seal::Sha256 digest;
  digest.add(whole.text);
  probe.text_sha256 = digest.hex();
  probe.text = beginning_of(whole.text);
  probe.finish_reason = whole.finish_reason;
  probe.prompt_tokens = whole.prompt_tokens;
  probe.completion_tokens = whole.completion_tokens;
}

// The first thing that went wrong is told.
Status note(world::PromptProbe& probe, const Fault& fault) {
  if (probe.why.empty()) probe.why = fault.message;
  if (ends_questions(fault)) return fault;
  return {};
}

// What was counted, or why nothing was.
Status take(const Result<Tokens>& counted, std::optional<Tokens>& into, world::PromptProbe& probe) {
  if (!counted) return note(probe, counted.error());
  into = *counted;
  return {};
}

}  // namespace

runtime::Task<Status> try_features(AskedEngine& asked, world::EngineInspection& found) {
  auto chat = smallest(asked, model::Endpoint::chat_completions, false);
  const Outcome chatted = co_await run_trial(asked, std::move(chat));
  CO_TRY_DO(note(found, "chat", chatted));
  auto completion = smallest(asked, model::Endpoint::completions, false);
  const Outcome completed = co_await run_trial(asked, std::move(completion));
  CO_TRY_DO(note(found, "completions", completed));
  auto stream = smallest(asked, model::Endpoint::chat_completions, true);
  const Outcome streamed = co_await run_trial(asked, std::move(stream));
  CO_TRY_DO(note(found, "stream", streamed));
  if (!streamed) co_return Status();
  const bool counted = streamed->prompt_tokens.has_value();
  found.features.push_back({"stream_usage", counted, counted ? "" : "the stream has no usage"});
  co_return Status();
}

runtime::Task<Status> try_prompt(AskedEngine& asked, world::GoldenPrompt& prompt,
                                 world::PromptProbe& probe) {
  const auto paths = dialect::props_paths(asked.kind);
  if (!paths.apply_template.empty()) {
    auto trial = trial_of(asked, prompt, false);
    const auto counted = co_await count_prompt(asked, std::move(trial));
    CO_TRY_DO(take(counted, probe.tokens_by_template, probe));
  }
  auto trial = trial_of(asked, prompt, false);
  const Outcome whole = co_await run_trial(asked, std::move(trial));
  if (!whole) co_return note(probe, whole.error());
  tell(probe, *whole);
  if (!paths.tokenize.empty()) {
    std::string text = whole->text;
    const auto counted = co_await count_tokens(asked, text, dialect::SpecialTokens::none);
    CO_TRY_DO(take(counted, probe.completion_tokens_counted, probe));
  }
  auto stream = trial_of(asked, prompt, true);
  const Outcome streamed = co_await run_trial(asked, std::move(stream));
  if (!streamed) co_return note(probe, streamed.error());
  probe.streamed_prompt_tokens = streamed->prompt_tokens;
  probe.streamed_completion_tokens = streamed->completion_tokens;
  probe.streamed_the_same = streamed->text == whole->text;
  co_return Status();
}

}  // namespace portolan::gateway

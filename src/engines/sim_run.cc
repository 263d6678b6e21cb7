#include "engines/sim_run.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engines/serve_completion.h"
#include "runtime/wait.h"

namespace portolan::engines {
namespace {

using Kind = FaultOrder::Kind;
using Malformed = FaultOrder::Malformed;

constexpr std::string_view cut_event =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\" ha\n\ndata: [DONE]\n\n";
constexpr std::string_view no_event = "\xff\xfe{]}: no event\r\r<html>\n";

Fault ordered_fault() { return {Code::cancelled, Retry::never, "the fault was ordered"}; }

bool resets_at(const SimRun& run, std::size_t tokens) {
  return run.fault && run.fault->kind == Kind::reset_after &&
         tokens == std::min(run.fault->tokens, run.length);
}

std::optional<Malformed> malformed_by(const SimRun& run) {
  if (!run.fault || run.fault->kind != Kind::malformed) return std::nullopt;
  return run.fault->malformed;
}

// Waits for the next token and counts it.
runtime::Task<Status> await_token(SimState& sim, SimRun& run) {
  const auto at = static_cast<std::int64_t>(run.progress.predicted);
  const Instant due = run.first_token_at + run.tpot * at;
  CO_TRY_DO(co_await runtime::sleep_until(sim.shard, due));
  ++run.progress.predicted;
  run.execution.generate();
  run.progress.decode = run.tpot * at;
  ++sim.totals.predicted_tokens;
  if (at > 0) sim.totals.decode = sim.totals.decode + run.tpot;
  co_return Status();
}

std::string_view word_at(const SimState& sim, const SimRun& run, std::size_t at) {
  const std::vector<std::string>& said = run.request.words;
  if (sim.options.echo && !said.empty()) {
    const std::string_view word = said[at % said.size()];
    return at == 0 ? word.substr(1) : word;
  }
  const std::string_view word = answer_word(sim.seed(), run.prompt_hash, at);
  const std::size_t space = word.starts_with(' ') ? 1 : 0;
  return word.substr(0, space + token_bytes_of(run.traits));  // one token of this engine's
}

void note_end(SimState& sim, const SimRun& run) {
  const std::size_t tokens = run.progress.prompt + run.progress.predicted;
  sim.totals.tokens_max = std::max<std::uint64_t>(sim.totals.tokens_max, tokens);
  std::string text;
  for (std::size_t at = 0; at < run.progress.predicted; ++at) text += word_at(sim, run, at);
  std::vector<TokenHash> held = run.request.prompt;
  const std::vector<TokenHash> answer = tokenize(text);
  held.insert(held.end(), answer.begin(), answer.end());
  sim.cache.keep(std::move(held));
}

// What the engine says of it.
AnswerProgress told(const SimRun& run) {
  AnswerProgress progress = run.progress;
  if (run.traits.miscounts) progress.predicted *= 2;
  return progress;
}

// The events behind the last word. A completion tells its usage always, a chat
// when it is asked, in an event of its own.
std::string render_tail(const SimRun& run) {
  const bool tells = !run.traits.no_stream_usage;
  const bool apart = run.request.chat && run.request.include_usage && tells;
  const Extras extras{.usage = (!run.request.chat || run.request.continuous_usage) && tells,
                      .timings = !apart && tells};
  std::string tail = render_finish_event(run.identity, run.reason, told(run), extras);
  if (apart) tail += render_usage_event(run.identity, told(run));
  return tail + render_done_event();
}

// What stands in place of the answer's second word and all behind it.
runtime::Task<Status> end_malformed(SimRun& run, Malformed how) {
  std::string bytes;
  switch (how) {
    case Malformed::json:
      bytes = cut_event;
      break;
    case Malformed::event:
      bytes = no_event;
      break;
    case Malformed::end:
    case Malformed::head:
      break;
  }
  CO_TRY_DO(co_await run.exchange.finish_with(bytes));
  co_return ordered_fault();
}

}  // namespace

runtime::Task<Status> stream_answer(SimState& sim, SimRun& run) {
  http::OwnedFields fields{{"content-type", "text/event-stream"}, {"server", "engine-sim"}};
  CO_TRY_DO(co_await run.exchange.begin(200, fields));
  if (run.request.chat) {
    std::string role = render_role_event(run.identity);
    CO_TRY_DO(co_await run.exchange.send(std::move(role)));
  }
  const bool tells = !run.traits.no_stream_usage;
  const Extras extras{.usage = run.request.continuous_usage && tells,
                      .timings = run.request.timings_per_token && tells};
  for (std::size_t at = 0; at < run.length; ++at) {
    CO_TRY_DO(co_await await_token(sim, run));
    const auto malformed = malformed_by(run);
    if (malformed && at == std::min<std::size_t>(1, run.length - 1)) {
      auto ended = co_await end_malformed(run, *malformed);
      co_return ended;
    }
    const std::string_view word = word_at(sim, run, at);
    std::string event = render_text_event(run.identity, word, told(run), extras);
    CO_TRY_DO(co_await run.exchange.send(std::move(event)));
    run.execution.deliver(1);
    if (resets_at(run, at + 1)) {
      run.exchange.break_off();
      co_return ordered_fault();
    }
  }
  note_end(sim, run);
  std::string tail = render_tail(run);
  CO_TRY_DO(co_await run.exchange.finish_with(std::move(tail)));
  co_return Status();
}

runtime::Task<Status> give_answer(SimState& sim, SimRun& run) {
  std::string text;
  for (std::size_t at = 0; at < run.length; ++at) {
    CO_TRY_DO(co_await await_token(sim, run));
    text += word_at(sim, run, at);
    if (resets_at(run, at + 1)) {
      run.exchange.break_off();
      co_return ordered_fault();
    }
  }
  note_end(sim, run);
  std::string body = render_answer(run.identity, text, run.reason, told(run));
  const auto malformed = malformed_by(run);
  if (malformed) body.resize(*malformed == Malformed::end ? 0 : body.size() / 2);
  http::OwnedFields fields = json_fields();
  CO_TRY_DO(co_await run.exchange.respond(200, std::move(fields), std::move(body)));
  if (malformed) co_return ordered_fault();
  run.execution.deliver(run.length);
  co_return Status();
}

}  // namespace portolan::engines

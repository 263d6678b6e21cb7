#include "engines/engine_sim.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/commands.h"
#include "runtime/epoll_shard.h"
#include "runtime/signals.h"

namespace portolan::app {
namespace {

// The command line, as it was said.
struct EngineSimFlags {
  std::vector<std::string> listen;
  std::size_t count = 1;
  engines::SimOptions engine;
  double ttft_ms = 20;
  double ttft_per_token_us = 200;
  double tpot_ms = 10;
  std::string record;
  std::string output = "text";
};

Duration nanoseconds_of(double count, double unit) {
  return Duration::nanoseconds(static_cast<std::int64_t>(count * unit));
}

Result<engines::EngineSimOptions> options_of(const EngineSimFlags& flags) {
  engines::EngineSimOptions options{{}, flags.engine, flags.record};
  options.engine.ttft = nanoseconds_of(flags.ttft_ms, 1e6);
  options.engine.ttft_per_token = nanoseconds_of(flags.ttft_per_token_us, 1e3);
  options.engine.tpot = nanoseconds_of(flags.tpot_ms, 1e6);
  for (const std::string& text : flags.listen) {
    TRY(auto address, runtime::parse_address(text));
    options.listen.push_back(std::move(address));
  }
  if (flags.listen.empty()) options.listen.assign(flags.count, {"127.0.0.1", 0});
  return options;
}

int complain(const Fault& fault) {
  fmt::print(stderr, "engine-sim: {}\n", fault.message);
  return 1;
}

runtime::Task<void> serve_until_told(runtime::EpollShard& shard, runtime::Signals& signals,
                                     const EngineSimFlags& flags, int& exit_code) {
  auto options = options_of(flags);
  if (!options) {
    exit_code = complain(options.error());
    co_return;
  }
  auto sim = engines::EngineSim::open(shard, *options);
  if (!sim) {
    exit_code = complain(sim.error());
    co_return;
  }
  const bool as_json = flags.output == "json";
  fmt::print("{}", as_json ? render_listening_json(**sim) : render_listening(**sim));
  std::fflush(stdout);
  const auto told = co_await signals.wait();
  (void)told;  // whichever signal it was, the end is the same
  co_await (*sim)->close();
}

void run(const EngineSimFlags& flags, int& exit_code) {
  runtime::EpollShard shard;
  runtime::Signals signals(shard, {SIGTERM, SIGINT});
  shard.run(serve_until_told(shard, signals, flags, exit_code));
}

}  // namespace

void add_engine_sim(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<EngineSimFlags>();
  CLI::App* command = app.add_subcommand(
      "engine-sim", "Simulate OpenAI-compatible engines, with faults on order (POST /sim/faults)");
  auto* listen =
      command->add_option("--listen", flags->listen, "HOST:PORT of an engine; repeatable")
          ->take_all();
  command->add_option("--count", flags->count, "Engines on free ports of 127.0.0.1")
      ->check(CLI::Range(1, 1000))
      ->excludes(listen);
  command->add_option("--model", flags->engine.model, "The model's name in answers");
  command->add_option("--seed", flags->engine.seed, "Of the text: equal seeds answer alike");
  command->add_flag("--echo", flags->engine.echo,
                    "Answer with the words of the last message, over and over");
  command->add_option("--slots", flags->engine.slots, "Requests answered at once")
      ->check(CLI::Range(1, 100'000));
  command->add_option("--queue", flags->engine.queue, "Requests that wait; beyond it is 503");
  command->add_option("--context", flags->engine.context, "Tokens of one request, with its answer")
      ->check(CLI::Range(1, 100'000'000));
  command->add_option("--cached-prompts", flags->engine.cached_prompts,
                      "Recent prompts that cost no prefill");
  command->add_option("--ttft-ms", flags->ttft_ms, "To the first token")
      ->check(CLI::Range(0., 1e7));
  command
      ->add_option("--ttft-per-token-us", flags->ttft_per_token_us,
                   "The same, for each token that is not cached")
      ->check(CLI::Range(0., 1e7));
  command->add_option("--tpot-ms", flags->tpot_ms, "To each further token")
      ->check(CLI::Range(0., 1e7));
  command->add_option("--record", flags->record,
                      "Append every request to this file, as JSON lines");
  command->add_option("-o,--output", flags->output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  command->callback([flags, &exit_code] { run(*flags, exit_code); });
}

}  // namespace portolan::app

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/time.h"
#include "engines/sim_executions.h"
#include "engines/sim_faults.h"
#include "engines/sim_slots.h"
#include "engines/sim_tokens.h"
#include "engines/sim_traits.h"
#include "runtime/shard.h"

namespace portolan::engines {

// What a simulated engine is like. An answer's first token comes after
// ttft + ttft_per_token for each token of the prompt that is not cached, every
// further one tpot later.
struct SimOptions {
  std::string model = "engine-sim";
  std::uint64_t seed = 1;
  bool echo = false;  // the words of an answer are those of the last message, over and over
  std::size_t slots = 4;
  std::size_t queue = 64;
  std::size_t context = 8192;  // tokens of one request, prompt and answer
  std::size_t cached_prompts = 64;
  Duration ttft = Duration::milliseconds(20);
  Duration ttft_per_token = Duration::microseconds(200);
  Duration tpot = Duration::milliseconds(10);
};

// What /metrics tells.
struct SimTotals {
  std::uint64_t prompt_tokens = 0;  // computed, cached ones not
  std::uint64_t cached_tokens = 0;
  std::uint64_t predicted_tokens = 0;
  std::uint64_t tokens_max = 0;  // of one request so far
  Duration prefill;
  Duration decode;
};

// One simulated engine but for its sockets.
//
// Lives on: one shard.  Owner: its SimEngine; outlives the requests it serves.
struct SimState {
  SimState(runtime::Shard& on, std::string called, SimOptions made)
      : shard(on),
        name(std::move(called)),
        options(std::move(made)),
        slots(on, options.slots, options.queue),
        cache(options.cached_prompts) {}

  // As if it had been started so.
  void set_up(const SimTraits& other) {
    traits = other;
    slots.set_slots_max(traits.slots.value_or(options.slots));
  }

  // Its traits change what its options say.
  std::size_t context() const { return traits.context.value_or(options.context); }
  std::uint64_t seed() const { return traits.other_weights ? ~options.seed : options.seed; }

  runtime::Shard& shard;
  std::string name;
  SimOptions options;
  Slots slots;
  PrefixCache cache;
  SimTraits traits;
  FaultBook faults;
  ExecutionBook executions;
  SimTotals totals;
};

// In Prometheus' text format, with llama.cpp's names.
std::string render_metrics(const SimState& sim);

}  // namespace portolan::engines

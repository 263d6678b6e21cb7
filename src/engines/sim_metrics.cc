#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "engines/sim_state.h"

namespace portolan::engines {
namespace {

class Page {
 public:
  template <class Number>
  void add(std::string_view type, std::string_view name, std::string_view help, Number value) {
    fmt::format_to(std::back_inserter(text),
                   "# HELP llamacpp:{0} {1}\n# TYPE llamacpp:{0} {2}\nllamacpp:{0} {3}\n", name,
                   help, type, value);
  }
  std::string text;
};

double rate(std::uint64_t tokens, Duration span) {
  return span.ns > 0 ? static_cast<double>(tokens) / span.seconds() : 0.0;
}

}  // namespace

std::string render_metrics(const SimState& sim) {
  const SimTotals& totals = sim.totals;
  Page page;
  page.add("counter", "prompt_tokens_total",
           "Number of prompt tokens processed, excluding cached tokens", totals.prompt_tokens);
  page.add("counter", "prompt_tokens_cached_total", "Number of prompt tokens reused from the cache",
           totals.cached_tokens);
  page.add("counter", "prompt_seconds_total", "Total time spent processing prompts",
           totals.prefill.seconds());
  page.add("counter", "tokens_predicted_total", "Number of generation tokens processed",
           totals.predicted_tokens);
  page.add("counter", "tokens_predicted_seconds_total", "Total time spent generating tokens",
           totals.decode.seconds());
  page.add("counter", "n_tokens_max", "Largest observed sequence length (prompt + generation)",
           totals.tokens_max);
  page.add("gauge", "prompt_tokens_seconds", "Average prompt throughput in tokens/s",
           rate(totals.prompt_tokens, totals.prefill));
  page.add("gauge", "predicted_tokens_seconds", "Average generation throughput in tokens/s",
           rate(totals.predicted_tokens, totals.decode));
  page.add("gauge", "requests_processing", "Number of requests processing", sim.slots.busy());
  page.add("gauge", "requests_deferred", "Number of requests deferred", sim.slots.waiting());
  return page.text;
}

}  // namespace portolan::engines

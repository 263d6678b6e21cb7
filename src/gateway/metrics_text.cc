#include "gateway/metrics_text.h"

#include <fmt/format.h>

#include <iterator>

namespace portolan::gateway {
namespace {

// One metric: its help, its type, and then its samples.
class MetricWriter {
 public:
  explicit MetricWriter(std::string& out) : out_(out) {}

  void begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(out_), "# HELP portolan_{0} {2}\n# TYPE portolan_{0} {1}\n",
                   name, type, help);
  }
  template <class Value>
  void sample(const Value& value) {
    fmt::format_to(std::back_inserter(out_), "portolan_{} {}\n", name_, value);
  }
  template <class Label, class Value>
  void sample(std::string_view label, const Label& of, const Value& value) {
    fmt::format_to(std::back_inserter(out_), "portolan_{}{{{}=\"{}\"}} {}\n", name_, label, of,
                   value);
  }

 private:
  std::string& out_;
  std::string_view name_;
};

void write_requests(MetricWriter& writer, const Metrics& metrics) {
  writer.begin("requests_total", "counter", "requests begun, access-log lines when ended");
  writer.sample(metrics.requests);
  writer.begin("answers_total", "counter", "requests ended, by HTTP status; 0: no answer");
  for (const auto& [status, count] : metrics.answers) writer.sample("status", status, count);
  writer.begin("faults_total", "counter", "requests ended by a fault, by code");
  for (const auto& [code, count] : metrics.faults) writer.sample("code", name_of(code), count);
  writer.begin("in_flight", "gauge", "requests for answers under way, by phase");
  for (std::size_t i = 0; i < phase_count; ++i) {
    writer.sample("phase", name_of(static_cast<Phase>(i)), metrics.in_flight[i]);
  }
  writer.begin("attempts_total", "counter", "attempts in a zone");
  writer.sample(metrics.attempts);
  writer.begin("failovers_total", "counter", "attempts after a request's first");
  writer.sample(metrics.failovers);
  writer.begin("executions_total", "counter", "bodies sent to engines of this zone");
  writer.sample(metrics.executions);
  writer.begin("execs_lost_total", "counter", "executions that the usage log did not take");
  writer.sample(metrics.execs_lost);
  writer.begin("hops_total", "counter", "requests forwarded to and taken from other gateways");
  writer.sample("direction", "out", metrics.hops_out);
  writer.sample("direction", "in", metrics.hops_in);
  writer.begin("tokens_total", "counter", "tokens of answers that entered here");
  writer.sample("kind", "prompt", metrics.tokens.prompt.value);
  writer.sample("kind", "completion", metrics.tokens.completion.value);
  writer.sample("kind", "cached", metrics.tokens.cached.value);
}

void write_versions(MetricWriter& writer, const model::View& view) {
  writer.begin("world_version", "gauge", "version of the World held; 0: none");
  writer.sample(view.world ? view.world->version().number : 0);
  writer.begin("keyring_sequence", "gauge", "number of the Keyring held; 0: none");
  writer.sample(view.keyring ? view.keyring->version().number : 0);
  writer.begin("restrictions_sequence", "gauge", "number of the Restrictions held; 0: none");
  writer.sample(view.restrictions ? view.restrictions->version.number : 0);
}

}  // namespace

std::string render_metrics(Gateway& gateway) {
  std::string text;
  MetricWriter writer(text);
  write_requests(writer, gateway.metrics());
  write_versions(writer, gateway.knowledge().view());
  writer.begin("engine_healthy", "gauge", "1: the engine answers its probes");
  for (const auto& [url, state] : gateway.engines().engines()) {
    writer.sample("engine", url, state.healthy ? 1 : 0);
  }
  writer.begin("engine_in_flight", "gauge", "executions on the engine from here");
  for (const auto& [url, state] : gateway.engines().engines()) {
    writer.sample("engine", url, state.in_flight);
  }
  writer.begin("access_log_dropped_total", "counter", "access-log lines that could not be kept");
  writer.sample(gateway.access_log().dropped());
  return text;
}

}  // namespace portolan::gateway

#include "cli/receipt_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>

#include "world/time_text.h"

namespace portolan::cli {
namespace {

void line(std::string& out, std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(out), "  {:<10} {}\n", name, value);
}

std::string_view name_of(Compared compared) {
  switch (compared) {
    case Compared::not_given:
      return "not given";
    case Compared::not_covered:
      return "not covered";
    case Compared::equal:
      return "equal";
  }
  fail_check("a comparison outside its enumeration", std::source_location::current());
}

std::string compared_text(const std::string& digest, Compared compared) {
  return fmt::format("sha256 {}, {}", digest,
                     compared == Compared::equal ? "which is what you have"
                                                 : "compared with nothing");
}

void add_content(std::string& out, const ReceiptReport& report) {
  const auto& content = report.verdict.facts.content;
  if (!content) {
    line(out, "content", "not covered: no receipt was asked for with the request");
    return;
  }
  line(out, "request", compared_text(content->request, report.request));
  line(out, "answer", compared_text(content->answer, report.answer));
}

std::string tokens_text(const wire::UsageCounts& usage) {
  return fmt::format("{} of the prompt ({} cached), {} of the answer, {}", usage.prompt.value,
                     usage.cached.value, usage.completion.value,
                     usage.estimated ? "estimated" : "counted by the engine");
}

std::string render_flaw(const seal::ReceiptFlaw& flaw) {
  std::string out = "NOT VALID: " + flaw.sentence + "\n\n";
  line(out, "part", seal::name_of(flaw.part));
  if (!flaw.changed.empty()) line(out, "changed", fmt::format("{}", fmt::join(flaw.changed, ", ")));
  return out;
}

}  // namespace

std::string render_report(const ReceiptReport& report) {
  if (report.verdict.flaw) return render_flaw(*report.verdict.flaw);
  const seal::ReceiptFacts& facts = report.verdict.facts;
  std::string out = fmt::format("VALID: zone {} of network {} signed it, certified by the root.\n\n",
                                facts.executor_zone, facts.network);
  line(out, "request id", facts.request_id);
  line(out, "executed", fmt::format("in region {}, zone {}, by gateway {}", facts.executor_region,
                                    facts.executor_zone, facts.executor_gateway));
  line(out, "entered", fmt::format("in zone {}, at gateway {}", facts.entry_zone,
                                   facts.entry_gateway));
  line(out, "scope", facts.scope);
  line(out, "model", facts.model);
  line(out, "weights", fmt::format("{} ({})", facts.model_digest, name_of(facts.digest_basis)));
  line(out, "engine", facts.engine_kind);
  line(out, "workspace", fmt::format("{}, key {}", facts.workspace, facts.key_id));
  line(out, "began", world::render_date(facts.began));
  line(out, "ended", fmt::format("{}, after {} ms, {}", world::render_date(facts.ended),
                                 (facts.ended - facts.began).milliseconds(), facts.outcome));
  line(out, "tokens", tokens_text(facts.usage));
  line(out, "policy", fmt::format("World {}, Keyring {}, Restrictions {}", facts.versions.world,
                                  facts.versions.keyring, facts.versions.restrictions));
  add_content(out, report);
  return out;
}

wire::Json report_json(const ReceiptReport& report) {
  auto json = wire::Json::object();
  json.set("valid", !report.verdict.flaw.has_value());
  if (report.verdict.flaw) {
    auto changed = wire::Json::array();
    for (const std::string& name : report.verdict.flaw->changed) changed.push(name);
    json.set("part", seal::name_of(report.verdict.flaw->part));
    json.set("changed", std::move(changed));
    json.set("sentence", report.verdict.flaw->sentence);
    return json;
  }
  auto facts = wire::parse_json(seal::render_facts(report.verdict.facts));
  check(facts.has_value(), "facts are JSON");
  json.set("facts", std::move(*facts));
  auto chain = wire::Json::array();
  for (const auto& certificate : report.verdict.chain) {
    chain.push(seal::certificate_json(certificate));
  }
  json.set("chain", std::move(chain));
  json.set("request", name_of(report.request));
  json.set("answer", name_of(report.answer));
  return json;
}

}  // namespace portolan::cli

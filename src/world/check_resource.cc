#include "world/check_resource.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "model/name.h"
#include "seal/identity.h"
#include "wire/url.h"
#include "world/check_prices.h"
#include "world/country.h"
#include "world/suggest.h"

namespace portolan::world {
namespace {

constexpr std::array<std::string_view, 4> engine_kinds = {"llama.cpp", "vllm", "sglang", "openai"};
constexpr std::string_view name_form =
    "small letters and digits, with '.' and '-' between them, at most 63";

void check_name(const Report& report, std::string_view path, std::string_view name) {
  if (seal::valid_name(name)) return;
  report(path, fmt::format("'{}' is no name: {}.", name.substr(0, 80), name_form));
}

void check_url(const Report& report, std::string_view path, const std::string& url) {
  if (url.empty()) return;
  const auto parsed = wire::parse_url(url);
  if (!parsed) report(path, fmt::format("'{}' is no URL: {}", url, parsed.error().message));
}

// host:port, both there.
void check_hop(const Report& report, std::string_view path, const std::string& hop) {
  const auto parsed = wire::parse_url("https://" + hop);
  const auto colon = hop.rfind(':');
  const bool has_port = colon != std::string::npos && hop.find(']', colon) == std::string::npos;
  if (!parsed || !parsed->path_prefix.empty() || !has_port) {
    report(path, fmt::format("'{}' is no address; write host:port.", hop));
  }
}

void check_country(const Report& report, std::string_view path, std::string_view country) {
  if (known_country(country)) return;
  report(path, fmt::format("There is no country '{}'; write two upper-case letters of ISO 3166-1, "
                           "as in DE.",
                           country));
}

void check_labels(const Report& report, const std::string& path, const model::Labels& labels) {
  for (const auto& [key, value] : labels) {
    const std::string at = path + '/' + key;
    check_name(report, at, key);
    if (!model::usable_name(value)) {
      report(at, fmt::format("'{}' is no label: printable ASCII with no space, comma, quote or "
                             "backslash.",
                             value));
    }
  }
}

void check(const model::Region& region, const Report& report) {
  check_country(report, "spec/country", region.country);
  if (std::abs(region.latitude) > 90) {
    report("spec/latitude",
           fmt::format("{} is no latitude; it runs from -90 to 90.", region.latitude));
  }
  if (std::abs(region.longitude) > 180) {
    report("spec/longitude",
           fmt::format("{} is no longitude; it runs from -180 to 180.", region.longitude));
  }
  for (std::size_t i = 0; i < region.groups.size(); ++i) {
    const auto at = fmt::format("spec/groups/{}", i);
    check_name(report, at, region.groups[i]);
    if (region.groups[i] == "eu" && known_country(region.country) &&
        !in_european_union(region.country)) {
      report(at, fmt::format("The group 'eu' is the member states of the European Union, and {} is "
                             "none; take another name.",
                             region.country));
    }
  }
  check_url(report, "spec/url", region.url);
  check_labels(report, "spec/labels", region.labels);
}

void check(const model::Zone& zone, const Report& report) {
  check_labels(report, "spec/labels", zone.labels);
  if (zone.share < 1 || zone.share > 100) {
    report(
        "spec/share",
        fmt::format("{} is no share; it is a percentage from 1 to 100 of the requests that would "
                    "go there. To send none, drain the zone or deny it by a rule.",
                    zone.share));
  }
  for (std::size_t i = 0; i < zone.gateways.size(); ++i) {
    const auto at = fmt::format("spec/gateways/{}", i);
    check_name(report, at + "/id", zone.gateways[i].id);
    check_url(report, at + "/url", zone.gateways[i].url);
    check_hop(report, at + "/hop", zone.gateways[i].hop);
  }
}

bool is_digest(std::string_view text) {
  constexpr std::string_view prefix = "sha256:";
  return text.size() == prefix.size() + 64 && text.starts_with(prefix) &&
         text.find_first_not_of("0123456789abcdef", prefix.size()) == std::string_view::npos;
}

void check(const model::Model& model, const Report& report) {
  if (!is_digest(model.digest)) {
    report("spec/digest",
           fmt::format("'{}' is no digest; write sha256: and 64 digits of lower-case "
                       "hex.",
                       model.digest));
  }
  if (model.context == 0) report("spec/context", "A context of 0 tokens holds no request.");
  for (std::size_t i = 0; i < model.aliases.size(); ++i) {
    if (!model::usable_name(model.aliases[i])) {
      report(fmt::format("spec/aliases/{}", i),
             fmt::format("'{}' is no alias: printable ASCII with no space, comma, quote or "
                         "backslash.",
                         model.aliases[i]));
    }
  }
  check_labels(report, "spec/labels", model.labels);
}

bool is_header_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

void check_engine(const model::Engine& engine, const std::string& at, const Report& report) {
  if (std::ranges::find(engine_kinds, engine.kind) == engine_kinds.end()) {
    report(at + "/kind", fmt::format("There is no engine kind '{}'; it is one of {}.", engine.kind,
                                     fmt::join(engine_kinds, ", ")));
  }
  check_url(report, at + "/url", engine.url);
  if (!engine.path_prefix.empty() &&
      (!engine.path_prefix.starts_with('/') || engine.path_prefix.ends_with('/'))) {
    report(at + "/path_prefix", "A path prefix begins with '/' and does not end with one.");
  }
  if (engine.slots == 0) report(at + "/slots", "An engine with 0 slots computes nothing.");
  if (engine.auth) {
    if (!model::usable_name(engine.auth->secret)) {
      report(at + "/auth/secret", "This is the name of a secret: printable ASCII with no space.");
    }
    if (!is_header_name(engine.auth->header)) {
      report(at + "/auth/header", fmt::format("'{}' is no header name.", engine.auth->header));
    }
  }
  for (const auto& [name, value] : engine.headers) {
    const bool printable =
        std::ranges::all_of(value, [](char c) { return c >= ' ' && c < '\x7f'; });
    if (!is_header_name(name) || !printable) {
      report(at + "/headers/" + name, fmt::format("'{}' is no header of printable ASCII.", name));
    }
  }
}

void check(const model::Deployment& deployment, const Report& report) {
  if (deployment.engines.empty()) report("spec/engines", "A deployment needs an engine.");
  for (std::size_t i = 0; i < deployment.engines.size(); ++i) {
    check_engine(deployment.engines[i], fmt::format("spec/engines/{}", i), report);
  }
}

void check(const model::Scope& scope, const Report& report) {
  if (scope.include.empty()) {
    report("spec/include", "The scope includes nothing; [\"*\"] is every zone.");
  }
}

void check(const model::Rule& rule, const Report& report) {
  const bool denies = rule.kind == model::Rule::Kind::deny;
  const std::string statement = denies ? "spec/deny" : "spec/require";
  const std::string places = statement + (denies ? "/to" : "/in");
  if (rule.places == model::Destination{}) {
    report(places, "The rule names no place; write country, group, region, zone or labels.");
  }
  for (std::size_t i = 0; i < rule.places.country.size(); ++i) {
    check_country(report, fmt::format("{}/country/{}", places, i), rule.places.country[i]);
  }
  check_labels(report, places + "/labels", rule.places.labels);
  check_labels(report, statement + "/weights", rule.weights);
  check_labels(report, statement + "/data", rule.data);
  if (rule.from >= rule.until) {
    report("spec/until", "The rule ends no later than it begins, so it never holds.");
  }
}

void check(const model::ParityTarget& target, const Report& report) {
  if (target.models.empty()) {
    report("spec/models", "The target asks for no model; [\"*\"] is all of them.");
  }
  if (target.regions.empty()) {
    report("spec/regions", "The target is of no region; [\"*\"] is all of them.");
  }
  check_price_demand(target, report);
}

void check(const model::Opening& opening, const Report& report) {
  if (opening.region.empty() == opening.zone.empty()) {
    report("spec", "An opening is of a region or of a zone: write one of the two.");
  }
  check_labels(report, "spec/data", opening.data);
  for (std::size_t i = 0; i < opening.round_trips.size(); ++i) {
    if (opening.round_trips[i].milliseconds_at_most > 0) continue;
    report(fmt::format("spec/round_trips/{}/ms", i), "No round trip takes that little.");
  }
  for (std::size_t i = 0; i < opening.skip.size(); ++i) {
    const auto& gate = opening.skip[i].gate;
    if (std::ranges::find(model::gate_names, gate) != model::gate_names.end()) continue;
    report(fmt::format("spec/skip/{}/gate", i),
           fmt::format("There is no gate '{}'.{} They are {}.", gate,
                       did_you_mean(gate, model::gate_names), fmt::join(model::gate_names, ", ")));
  }
}

void check(const model::Org&, const Report&) {}

void check(const model::PriceBook& book, const Report& report) { check_price_book(book, report); }

void check(const model::Workspace& workspace, const Report& report) {
  constexpr Duration freshness_min = Duration::seconds(30);  // a poll, its retry, and room
  if (workspace.scopes.empty()) {
    report("spec/scopes", "The workspace has no scope, so nothing it asks may run anywhere.");
  }
  if (workspace.key_freshness < freshness_min) {
    report("spec/key_freshness",
           "Below 30s a healthy gateway would refuse keys between two polls.");
  }
  check_labels(report, "spec/labels", workspace.labels);
}

}  // namespace

void check_resource(const Resource& resource, const Report& report) {
  check_name(report, "metadata/name", name_of(resource));
  std::visit([&](const auto& value) { check(value, report); }, resource);
}

}  // namespace portolan::world

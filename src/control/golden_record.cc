#include "control/golden_record.h"

#include <algorithm>

#include "seal/statement.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

constexpr std::string_view run_kind = "golden-run";
constexpr std::string_view zone_kind = "golden-zone";
constexpr Tokens answer_tokens{24};

Result<WallTime> read_time(const wire::Json& json, std::string_view member) {
  TRY(const auto text, seal::read_text(json, member));
  const auto time = world::parse_date(text);
  if (time) return *time;
  return Fault{Code::malformed_peer, Retry::never, std::string(member) + " is no date"};
}

Result<GoldenRun> parse_run(std::string_view text) {
  TRY(const auto json, wire::parse_json(text, Code::malformed_peer));
  TRY_DO(seal::check_statement(json, run_kind));
  GoldenRun run;
  TRY(run.began, read_time(json, "began"));
  TRY(run.by, seal::read_text(json, "by"));
  if (json.find("ended") != nullptr) {
    TRY(run.ended, read_time(json, "ended"));
  }
  return run;
}

Result<GoldenZone> parse_zone(std::string_view text) {
  TRY(const auto json, wire::parse_json(text, Code::malformed_peer));
  TRY_DO(seal::check_statement(json, zone_kind));
  GoldenZone zone;
  TRY(zone.asked, read_time(json, "asked"));
  TRY(zone.why, seal::read_text(json, "why"));
  TRY(const auto said, seal::read_text(json, "said"));
  TRY(auto inspection, world::decode_inspection(said));
  zone.zone = std::move(inspection.zone);
  zone.gateway = std::move(inspection.gateway);
  zone.engines = std::move(inspection.engines);
  return zone;
}

std::string render_whole(const GoldenZone& zone) {
  world::Inspection inspection;
  inspection.gateway = zone.gateway;
  inspection.zone = zone.zone;
  inspection.engines = zone.engines;
  auto json = seal::make_statement(zone_kind);
  json.set("asked", world::render_date(zone.asked));
  json.set("why", zone.why);
  json.set("said", world::encode_inspection(inspection));
  return wire::render_canonical(json);
}

}  // namespace

std::string render_golden_run(const GoldenRun& run) {
  auto json = seal::make_statement(run_kind);
  json.set("began", world::render_date(run.began));
  json.set("by", run.by);
  if (run.ended) json.set("ended", world::render_date(*run.ended));
  return wire::render_canonical(json);
}

std::string render_golden_zone(const GoldenZone& zone) {
  std::string whole = render_whole(zone);
  if (whole.size() <= store::store_value_bytes_max.count()) return whole;
  GoldenZone bare = zone;
  for (auto& engine : bare.engines) {
    for (auto& probe : engine.probes) probe.text.clear();
  }
  return render_whole(bare);
}

GoldenRecord read_golden(const store::Range& range) {
  GoldenRecord record;
  for (const auto& item : range.items) {
    if (item.key == golden_run_key) {
      record.run_revision = item.mod_revision;
      if (auto run = parse_run(item.value)) record.run = std::move(*run);
    } else if (item.key.starts_with(golden_zone_prefix)) {
      record.keys.push_back(item.key);
      if (auto zone = parse_zone(item.value)) record.zones.push_back(std::move(*zone));
    }
  }
  return record;
}

bool is_running(const GoldenRecord& record, WallTime now) {
  return record.run && !record.run->ended &&
         now - record.run->began < golden_run_ms_max.milliseconds();
}

WallTime golden_due(const GoldenRecord& record, WallTime started) {
  if (!record.run) return started + golden_interval_ms.milliseconds();
  // One that broke off is made up for.
  const auto pause = record.run->ended ? golden_interval_ms : golden_run_ms_max;
  return record.run->began + pause.milliseconds();
}

std::vector<world::GoldenPrompt> golden_prompts() {
  return {{.name = "capital",
           .messages = {{"user", "What is the capital of Peru?"}},
           .max_tokens = answer_tokens,
           .seed = 1},
          {.name = "brief",
           .messages = {{"system", "You answer in one short sentence."},
                        {"user", "Why do ships have keels?"}},
           .max_tokens = answer_tokens,
           .seed = 2},
          {.name = "code",
           .messages = {{"user", "Continue this Python function:\n\ndef add(a, b):\n    return"}},
           .max_tokens = answer_tokens,
           .seed = 3},
          {.name = "scripts",
           .messages = {{"user",
                         "\xC3\x9C"
                         "bersetze ins Englische: \xE6\xB8\xAF\xE5\x8F\xA3, "
                         "\xD0\xBC\xD0\xBE\xD1\x80\xD0\xB5, 1234567890"}},
           .max_tokens = answer_tokens,
           .seed = 4}};
}

}  // namespace portolan::control

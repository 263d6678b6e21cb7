#include "cli/live_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

namespace portolan::cli {
namespace {

// The number behind a line's last space; whole, because all of these count.
std::uint64_t value_of(std::string_view line) {
  const std::string_view text = line.substr(line.rfind(' ') + 1);
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void read_line(std::string_view line, GatewaySample& sample) {
  if (line.starts_with("portolan_requests_total ")) {
    sample.requests = value_of(line);
  } else if (line.starts_with("portolan_in_flight{")) {
    sample.in_flight += value_of(line);
  } else if (line.starts_with("portolan_tokens_total{kind=\"completion\"}")) {
    sample.completion_tokens = value_of(line);
  } else if (line.starts_with("portolan_failovers_total ")) {
    sample.failovers = value_of(line);
  } else if (line.starts_with("portolan_engine_healthy{")) {
    ++sample.engines;
    if (value_of(line) > 0) ++sample.engines_healthy;
  }
}

std::string name_state(const ZoneFacts& facts, const GatewaySample& sample) {
  if (!facts.runs) return "down";
  if (!sample.answers) return "starting";
  const bool drains = sample.reason.starts_with("draining");
  if (facts.waits && !sample.ready && !drains) return "to open";
  if (!facts.region_serves) return "no engines";
  if (!sample.ready) return drains ? "draining" : "not ready";
  if (facts.serves && sample.engines_healthy == 0) return "engine down";
  return "ready";
}

// Trouble first, then traffic, then by name.
bool comes_before(const ZoneRow& first, const ZoneRow& other) {
  const auto rank = [](const ZoneRow& row) {
    if (!row.well) return 0;
    return row.in_flight > 0 || row.tokens_per_second > 0 ? 1 : 2;
  };
  return std::pair(rank(first), std::string_view(first.zone)) <
         std::pair(rank(other), std::string_view(other.zone));
}

std::string cut(std::string line, std::size_t columns) {
  if (line.size() > columns) line.resize(columns);
  return line;
}

}  // namespace

GatewaySample read_metrics(std::string_view text) {
  GatewaySample sample;
  sample.answers = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    read_line(text.substr(0, end), sample);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return sample;
}

ZoneRow make_row(const ZoneFacts& facts, const SamplePair& samples) {
  const GatewaySample& now = samples.now;
  ZoneRow row;
  row.zone = facts.zone;
  row.state = name_state(facts, now);
  row.well = row.state == "ready" || row.state == "no engines" || row.state == "to open";
  row.in_flight = now.in_flight;
  row.requests = now.requests;
  row.failovers = now.failovers;
  const std::uint64_t before = samples.before.completion_tokens;
  // A gateway that was started again counts from zero.
  if (samples.between > Duration{} && now.completion_tokens > before && before > 0) {
    row.tokens_per_second =
        static_cast<double>(now.completion_tokens - before) / samples.between.seconds();
  }
  return row;
}

std::string render_status(const std::vector<ZoneRow>& rows, bool metered) {
  const auto well = std::ranges::count_if(rows, &ZoneRow::well);
  ZoneRow all;
  for (const ZoneRow& row : rows) {
    all.in_flight += row.in_flight;
    all.requests += row.requests;
    all.tokens_per_second += row.tokens_per_second;
    all.failovers += row.failovers;
  }
  return fmt::format(
      "{}{} of {} zones well, {} in flight, {} requests, {:.0f} tokens/s, {} failovers",
      metered ? "" : "the meter is down, gateways keep usage; ", well, rows.size(), all.in_flight,
      all.requests, all.tokens_per_second, all.failovers);
}

std::vector<std::string> render_table(std::vector<ZoneRow> rows, bool metered, TableSize size) {
  constexpr std::size_t lines_around = 2;  // header and sum
  std::vector<std::string> lines;
  if (size.lines < lines_around + 1) return {cut(render_status(rows, metered), size.columns)};
  const std::string status = render_status(rows, metered);
  const std::size_t room = size.lines - lines_around;
  std::size_t left_out = 0;
  if (rows.size() > room) {
    std::ranges::sort(rows, comes_before);
    left_out = rows.size() - room;
    rows.resize(room);
  }
  std::size_t width = 4;
  for (const ZoneRow& row : rows) width = std::max(width, row.zone.size());
  lines.push_back(fmt::format("{:<{}}  {:<11} {:>9} {:>9} {:>9} {:>9}", "ZONE", width, "STATE",
                              "IN-FLIGHT", "REQUESTS", "TOKENS/S", "FAILOVERS"));
  for (const ZoneRow& row : rows) {
    lines.push_back(fmt::format("{:<{}}  {:<11} {:>9} {:>9} {:>9.0f} {:>9}", row.zone, width,
                                row.state, row.in_flight, row.requests, row.tokens_per_second,
                                row.failovers));
  }
  lines.push_back(left_out > 0 ? fmt::format("{}; {} not shown", status, left_out) : status);
  for (std::string& line : lines) line = cut(std::move(line), size.columns);
  return lines;
}

}  // namespace portolan::cli

#include "control/told_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "seal/statement.h"
#include "wire/json_value.h"
#include "world/field_reader.h"
#include "world/field_writer.h"
#include "world/seen_shape.h"

namespace portolan::control {
namespace {

constexpr std::string_view told_kind = "told";

Fault malformed(std::string sentence) {
  return Fault{Code::malformed_peer, Retry::never, std::move(sentence)};
}

std::uint64_t put_seen(std::optional<world::Seen>& held, std::vector<world::Seen>& seen) {
  if (!held) return 0;
  auto known = std::ranges::find(seen, *held);
  if (known == seen.end()) known = seen.insert(known, *held);
  held.reset();
  return static_cast<std::uint64_t>(known - seen.begin()) + 1;
}

Status take_seen(std::uint64_t at, const std::vector<world::Seen>& seen,
                 std::optional<world::Seen>& held) {
  if (at > seen.size()) return malformed("A gateway holds what the first line does not have.");
  if (at > 0) held = seen[at - 1];
  return {};
}

// Requests, errors, refusals, detours and first bytes by class, without the zeros at the end.
std::string render_counts(const model::ServedCounts& counts) {
  std::vector<std::uint64_t> all{counts.requests, counts.errors, counts.refusals, counts.detours};
  all.insert(all.end(), counts.first_bytes.begin(), counts.first_bytes.end());
  while (!all.empty() && all.back() == 0) all.pop_back();
  return fmt::format("{}", fmt::join(all, " "));
}

// A class that is not known here is of a newer minor: slower than all others.
Result<model::ServedCounts> read_counts(std::string_view text) {
  std::vector<std::uint64_t> all;
  while (!text.empty()) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), all.emplace_back());
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    const bool goes_on = text.starts_with(' ') && text.size() > 1;
    if (parsed.ec != std::errc{} || (!text.empty() && !goes_on)) {
      return malformed("Counts of requests are no whole numbers.");
    }
    if (goes_on) text.remove_prefix(1);
  }
  constexpr std::size_t named = 4;
  const auto at = [&all](std::size_t index) { return index < all.size() ? all[index] : 0; };
  model::ServedCounts counts{
      .requests = at(0), .errors = at(1), .refusals = at(2), .detours = at(3)};
  for (std::size_t i = named; i < all.size(); ++i) {
    counts.first_bytes[std::min(i - named, counts.first_bytes.size() - 1)] += all[i];
  }
  return counts;
}

// At a boundary of UTF-8.
void cut_reasons(world::PollRequest& said) {
  for (auto& refusal : said.refused) {
    auto end =
        std::min(refusal.reason.size(), static_cast<std::size_t>(told_reason_bytes_max.count()));
    const auto continues = [&] {
      return end < refusal.reason.size() &&
             (static_cast<unsigned char>(refusal.reason[end]) & 0xc0) == 0x80;
    };
    while (end > 0 && continues()) --end;
    refusal.reason.resize(end);
  }
}

}  // namespace

// One gateway in the first line, with what would be long in its word. What it holds most others
// hold as well, so that stands there once for all of them: 1 is the first, 0 stands for nothing.
struct ToldAnnounced {
  std::uint64_t bytes = 0;
  bool polls = false;
  std::uint64_t silent_ms = 0;
  std::uint64_t world = 0;
  std::uint64_t keyring = 0;
  std::uint64_t restrictions = 0;
  bool served = false;
  std::string since{};
  std::string before{};
};

struct ToldFirstLine {
  std::string network;
  std::vector<world::Seen> seen;
  std::vector<ToldAnnounced> gateways;
};

// Found by argument-dependent lookup, so outside of the unnamed namespace.
template <class Fields>
static void describe(Fields& fields, ToldAnnounced& gateway) {
  fields.whole("bytes", gateway.bytes);
  fields.flag("polls", gateway.polls);
  fields.whole_or("silent_ms", gateway.silent_ms, 0);
  fields.whole_or("world", gateway.world, 0);
  fields.whole_or("keyring", gateway.keyring, 0);
  fields.whole_or("restrictions", gateway.restrictions, 0);
  fields.flag("served", gateway.served);
  fields.text("since", gateway.since);
  fields.text("before", gateway.before);
}

template <class Fields>
static void describe(Fields& fields, ToldFirstLine& line) {
  fields.text("network", line.network, world::Need::required);
  fields.list("seen", line.seen);
  fields.list("gateways", line.gateways);
}

namespace {

Result<ToldFirstLine> read_first_line(std::string_view text) {
  TRY(const auto json, wire::parse_json(text, Code::malformed_peer));
  TRY_DO(seal::check_statement(json, told_kind));
  ToldFirstLine line;
  world::FieldReader reader(json, std::string(told_kind));
  describe(reader, line);
  TRY_DO(reader.status());
  return line;
}

Result<ToldGateway> read_gateway(const ToldAnnounced& announced,
                                 const std::vector<world::Seen>& seen, std::string_view bytes) {
  ToldGateway told;
  TRY(told.said, world::decode_poll_request(bytes));
  TRY_DO(take_seen(announced.world, seen, told.said.world));
  TRY_DO(take_seen(announced.keyring, seen, told.said.keyring));
  TRY_DO(take_seen(announced.restrictions, seen, told.said.restrictions));
  if (announced.served) {
    world::WorldServed served;
    TRY(served.since, read_counts(announced.since));
    TRY(served.before, read_counts(announced.before));
    told.said.served = served;
  }
  told.polls = announced.polls;
  constexpr std::uint64_t year_ms = 31'536'000'000;
  told.silent =
      Duration::milliseconds(static_cast<std::int64_t>(std::min(announced.silent_ms, year_ms)));
  return told;
}

}  // namespace

std::string told_key(std::string_view control, std::size_t part) {
  return fmt::format("{}{}/{:03}", told_prefix, control, part);
}

std::optional<std::string> control_of_told(std::string_view key) {
  if (!key.starts_with(told_prefix)) return std::nullopt;
  key.remove_prefix(told_prefix.size());
  const auto slash = key.find('/');
  if (slash == 0 || slash == key.npos || slash + 1 == key.size()) return std::nullopt;
  return std::string(key.substr(0, slash));
}

std::string render_told(const std::string& network, std::vector<ToldGateway> gateways) {
  ToldFirstLine line{.network = network, .seen = {}, .gateways = {}};
  std::string words;
  for (auto& gateway : gateways) {
    ToldAnnounced announced{.polls = gateway.polls};
    if (!gateway.polls) {
      announced.silent_ms = static_cast<std::uint64_t>(gateway.silent.milliseconds());
    }
    announced.world = put_seen(gateway.said.world, line.seen);
    announced.keyring = put_seen(gateway.said.keyring, line.seen);
    announced.restrictions = put_seen(gateway.said.restrictions, line.seen);
    if (const auto served = std::exchange(gateway.said.served, std::nullopt)) {
      announced.served = true;
      announced.since = render_counts(served->since);
      announced.before = render_counts(served->before);
    }
    cut_reasons(gateway.said);
    const auto word = world::encode_poll_request(gateway.said);
    announced.bytes = word.size();
    words += word;
    line.gateways.push_back(std::move(announced));
  }
  world::FieldWriter writer;
  describe(writer, line);
  auto json = seal::make_statement(told_kind);
  const auto members = writer.take();
  for (const auto& member : *members.as_object()) json.set(member.name, member.value);
  return wire::render_canonical(json) + '\n' + words;
}

Result<std::vector<ToldGateway>> read_told(std::string_view network, std::string_view text) {
  const auto line_end = text.find('\n');
  if (line_end == text.npos) return malformed("It has no first line, or is cut within it.");
  TRY(const auto line, read_first_line(text.substr(0, line_end)));
  if (line.network != network) {
    return malformed(fmt::format("It is of the network '{}', not '{}'.", line.network, network));
  }
  std::string_view left = text.substr(line_end + 1);
  std::vector<ToldGateway> gateways;
  for (const auto& announced : line.gateways) {
    if (announced.bytes > left.size()) return malformed("It is cut short.");
    const auto word = left.substr(0, static_cast<std::size_t>(announced.bytes));
    left.remove_prefix(word.size());
    TRY(auto told, read_gateway(announced, line.seen, word));
    gateways.push_back(std::move(told));
  }
  if (!left.empty()) return malformed("It has bytes behind its gateways.");
  return gateways;
}

}  // namespace portolan::control

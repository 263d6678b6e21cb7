#include "world/poll.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "wire/json_value.h"
#include "world/field_reader.h"
#include "world/field_writer.h"
#include "world/seen_shape.h"

namespace portolan::world {
namespace {

constexpr std::uint64_t format_major = 1;
// 1: zone keys; 2: served; 3: load; 4: computed; 5: snapshots; 6: turns
constexpr std::uint64_t format_minor = 6;

constexpr std::array<std::string_view, 4> kinds = {"world", "keyring", "keyring-delta",
                                                   "restrictions"};

// How one document is announced in an answer's first line.
struct Announced {
  std::string kind;
  std::uint64_t bytes = 0;
};

// Answers whose first byte came within one class of time.
struct FirstBytes {
  std::uint64_t time_class = 0;
  std::uint64_t count = 0;
};

Fault malformed(std::string sentence) {
  return Fault{Code::malformed_peer, Retry::never, std::move(sentence)};
}

wire::Json begin(std::string_view kind) {
  auto json = wire::Json::object();
  json.set("kind", kind);
  json.set("major", format_major);
  json.set("minor", format_minor);
  return json;
}

Result<wire::Json> open(std::string_view text, std::string_view kind) {
  TRY(auto json, wire::parse_json(text, Code::malformed_peer));
  FieldReader reader(json, std::string(kind));
  std::string found;
  std::uint64_t major = 0;
  reader.text("kind", found, Need::required);
  reader.whole("major", major);
  TRY_DO(reader.status());
  if (found != kind) {
    return malformed(fmt::format("It is a '{}' where a '{}' is expected.", found, kind));
  }
  if (major != format_major) {
    return Fault{
        Code::unsupported_version, Retry::never,
        fmt::format("The {} is of format {}; this program reads {}.", kind, major, format_major)};
  }
  return json;
}

Fault over(const Limit& limit, std::size_t count) {
  return Fault{Code::limit_exceeded, Retry::never,
               fmt::format("A poll has {} where {} is {}.", count, limit.name, limit.value)};
}

}  // namespace

// Found by argument-dependent lookup, so outside of the unnamed namespace.
template <class Fields>
static void describe(Fields& fields, Refusal& refusal) {
  fields.choice("kind", refusal.kind, kinds);
  fields.object("version", refusal.version, Need::required);
  fields.text("hash", refusal.hash, Need::required);
  fields.text("reason", refusal.reason);
}

template <class Fields>
static void describe(Fields& fields, Announced& announced) {
  fields.text("kind", announced.kind, Need::required);
  fields.whole("bytes", announced.bytes);
}

template <class Fields>
static void describe(Fields& fields, ZoneKeySaid& said) {
  fields.text("key", said.key, Need::required);
  fields.whole_or("generation", said.generation, 0);
  fields.text("issuer", said.issuer);
  fields.whole_or("ends_s", said.ends_s, 0);
}

template <class Fields>
static void describe(Fields& fields, EngineTally& engines) {
  fields.whole("total", engines.total);
  fields.whole("healthy", engines.healthy);
}

template <class Fields>
static void describe(Fields& fields, TrialSaid::Refused& refused) {
  fields.text("code", refused.code, Need::required);
  fields.whole("count", refused.count);
}

template <class Fields>
static void describe(Fields& fields, TrialSaid& trial) {
  fields.whole("decisions", trial.decisions);
  fields.whole("elsewhere", trial.elsewhere);
  fields.list("refused", trial.refused);
}

template <class Fields>
static void describe(Fields& fields, FirstBytes& first_bytes) {
  fields.whole("class", first_bytes.time_class);
  fields.whole("count", first_bytes.count);
}

// A class that is not known here is of a newer minor: slower than all others.
template <class Fields>
static void describe(Fields& fields, model::ServedCounts& counts) {
  fields.whole_or("requests", counts.requests, 0);
  fields.whole_or("errors", counts.errors, 0);
  fields.whole_or("refusals", counts.refusals, 0);
  fields.whole_or("detours", counts.detours, 0);
  std::vector<FirstBytes> listed;
  for (std::size_t i = 0; i < counts.first_bytes.size(); ++i) {
    if (counts.first_bytes[i] != 0) listed.push_back({i, counts.first_bytes[i]});
  }
  fields.list("first_bytes", listed);
  for (const auto& [time_class, count] : listed) {
    const auto known = std::min<std::uint64_t>(time_class, counts.first_bytes.size() - 1);
    counts.first_bytes[known] = count;
  }
}

template <class Fields>
static void describe(Fields& fields, WorldServed& served) {
  fields.object("since", served.since);
  fields.object("before", served.before);
}

template <class Fields>
static void describe(Fields& fields, LoadSaid& load) {
  fields.whole("slots", load.slots);
  fields.whole("busy_p95", load.busy_p95);
}

template <class Fields>
static void describe(Fields& fields, ComputedSaid& computed) {
  fields.whole("requests", computed.requests);
  fields.whole("errors", computed.errors);
}

template <class Fields>
static void describe(Fields& fields, PollTurn& turn) {
  fields.whole("start", turn.start);
  fields.whole("number", turn.number);
}

template <class Fields>
static void describe(Fields& fields, PollRequest& request) {
  fields.text("gateway", request.gateway, Need::required);
  fields.text("zone", request.zone, Need::required);
  fields.maybe("world", request.world);
  fields.maybe("keyring", request.keyring);
  fields.maybe("restrictions", request.restrictions);
  fields.list("refused", request.refused);
  fields.maybe("zone_key", request.zone_key);
  fields.maybe("engines", request.engines);
  fields.maybe("trial", request.trial);
  fields.maybe("served", request.served);
  fields.maybe("load", request.load);
  fields.maybe("computed", request.computed);
  fields.flag("reads_snapshots", request.reads_snapshots);
  fields.maybe("turn", request.turn);
  fields.whole_or("wait_ms", request.wait_ms, 0);
}

std::string encode_poll_request(const PollRequest& request) {
  FieldWriter writer;
  PollRequest copy = request;  // a shape is described on what it may change
  describe(writer, copy);
  auto json = begin("poll");
  for (const auto& member : *writer.take().as_object()) json.set(member.name, member.value);
  return wire::render_canonical(json);
}

Result<PollRequest> decode_poll_request(std::string_view body) {
  if (body.size() > poll_request_bytes_max.count()) {
    return over(poll_request_bytes_max, body.size());
  }
  TRY(const auto json, open(body, "poll"));
  PollRequest request;
  FieldReader reader(json, "poll");
  describe(reader, request);
  TRY_DO(reader.status());
  if (request.refused.size() > poll_refusals_max.count()) {
    return over(poll_refusals_max, request.refused.size());
  }
  return request;
}

std::string encode_poll_line(const PollAnswer& answer) {
  auto documents = wire::Json::array();
  for (const auto& document : answer.documents) {
    auto announced = wire::Json::object();
    announced.set("kind", seal::name_of(document.kind));
    announced.set("bytes", document.bytes.size());
    documents.push(std::move(announced));
  }
  auto json = begin("poll-answer");
  json.set("confirmed", answer.confirmed);
  json.set("documents", std::move(documents));
  json.set("zone_key_generation", answer.zone_key_generation);
  auto chain = wire::Json::array();
  for (const auto& certificate : answer.zone_chain) chain.push(certificate);
  json.set("zone_chain", std::move(chain));
  return wire::render_canonical(json) + '\n';
}

std::string encode_poll_answer(const PollAnswer& answer) {
  std::string out = encode_poll_line(answer);
  for (const auto& document : answer.documents) out += document.bytes.view();
  return out;
}

Result<PollAnswer> decode_poll_answer(std::string_view body) {
  if (body.size() > poll_answer_bytes_max.count()) {
    return over(poll_answer_bytes_max, body.size());
  }
  const auto line_end = body.find('\n');
  if (line_end == body.npos) return malformed("The answer to a poll has no first line.");
  TRY(const auto json, open(body.substr(0, line_end), "poll-answer"));
  PollAnswer answer;
  std::vector<Announced> announced;
  FieldReader reader(json, "poll-answer");
  reader.flag("confirmed", answer.confirmed);
  reader.list("documents", announced);
  reader.whole_or("zone_key_generation", answer.zone_key_generation, 0);
  reader.texts("zone_chain", answer.zone_chain);
  TRY_DO(reader.status());
  if (announced.size() > poll_documents_max.count()) {
    return over(poll_documents_max, announced.size());
  }
  std::string_view left = body.substr(line_end + 1);
  for (const auto& each : announced) {
    if (each.bytes > left.size()) return malformed("The answer to a poll is cut short.");
    const auto bytes = left.substr(0, static_cast<std::size_t>(each.bytes));
    left.remove_prefix(bytes.size());
    const auto kind = seal::document_kind_named(each.kind);
    if (kind) answer.documents.push_back({*kind, std::string(bytes)});
  }
  if (!left.empty()) return malformed("The answer to a poll has bytes behind its documents.");
  return answer;
}

}  // namespace portolan::world

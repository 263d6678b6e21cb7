#include "world/inspection.h"

#include <fmt/format.h>

#include "seal/statement.h"
#include "wire/json_value.h"
#include "world/field_reader.h"
#include "world/field_writer.h"
#include "world/seen_shape.h"

namespace portolan::world {
namespace {

constexpr std::string_view request_kind = "inspection-request";
constexpr std::string_view inspection_kind = "inspection";

Status check_count(std::size_t found, const Limit& limit) {
  if (found <= limit.count()) return {};
  return Fault{Code::limit_exceeded, Retry::never,
               fmt::format("An inspection has {} where {} is {}.", found, limit.name, limit.value)};
}

Status check_prompt(const GoldenPrompt& prompt) {
  std::size_t bytes = 0;
  for (const auto& message : prompt.messages) bytes += message.content.size();
  TRY_DO(check_count(bytes, inspect_prompt_bytes_max));
  TRY_DO(check_count(prompt.max_tokens.value, inspect_tokens_max));
  if (!prompt.messages.empty() && prompt.max_tokens.value > 0) return {};
  return Fault{Code::malformed_peer, Retry::never,
               fmt::format("The prompt '{}' says nothing, or asks for nothing.", prompt.name)};
}

Status check_bounds(const InspectionRequest& request) {
  TRY_DO(check_count(request.peers.size(), inspect_peers_max));
  TRY_DO(check_count(request.models.size(), inspect_models_max));
  TRY_DO(check_count(request.prompts.size(), inspect_prompts_max));
  for (const auto& prompt : request.prompts) TRY_DO(check_prompt(prompt));
  return check_count(static_cast<std::size_t>(request.within.milliseconds()), inspect_time_ms_max);
}

Result<wire::Json> open(std::string_view body, std::string_view kind, const Limit& bytes_max) {
  TRY_DO(check_count(body.size(), bytes_max));
  TRY(auto json, wire::parse_json(body, Code::malformed_peer));
  TRY_DO(seal::check_statement(json, kind));
  return json;
}

}  // namespace

// Found by argument-dependent lookup, so outside of the unnamed namespace.
template <class Fields>
static void describe(Fields& fields, GoldenMessage& message) {
  fields.text("role", message.role, Need::required);
  fields.text("content", message.content);
}

template <class Fields>
static void describe(Fields& fields, GoldenPrompt& prompt) {
  fields.text("name", prompt.name, Need::required);
  fields.list("messages", prompt.messages, Need::required);
  fields.whole("max_tokens", prompt.max_tokens.value);
  fields.whole_or("seed", prompt.seed, 0);
}

template <class Fields>
static void describe(Fields& fields, InspectionRequest& request) {
  fields.texts("peers", request.peers);
  fields.texts("models", request.models);
  fields.list("prompts", request.prompts);
  auto within_ms = static_cast<std::uint32_t>(request.within.milliseconds());
  fields.whole("within_ms", within_ms);
  request.within = Duration::milliseconds(within_ms);
}

template <class Fields>
static void describe(Fields& fields, PeerReach& peer) {
  fields.text("gateway", peer.gateway, Need::required);
  fields.flag("reached", peer.reached);
  std::optional<std::uint32_t> micros;
  if (peer.round_trip) micros = static_cast<std::uint32_t>(peer.round_trip->ns / 1'000);
  fields.maybe_whole("round_trip_us", micros);
  if (micros) peer.round_trip = Duration::microseconds(*micros);
  fields.text("why", peer.why);
}

template <class Fields>
static void describe(Fields& fields, WeightsSaid& weights) {
  fields.maybe_whole("parameters", weights.parameters);
  fields.maybe_whole("vocabulary", weights.vocabulary);
  fields.maybe_whole("bytes", weights.bytes);
  fields.maybe_whole("trained_context", weights.trained_context);
}

template <class Fields>
static void describe(Fields& fields, FeatureTried& feature) {
  fields.text("name", feature.name, Need::required);
  fields.flag("works", feature.works);
  fields.text("why", feature.why);
}

template <class Fields>
static void describe(Fields& fields, PromptProbe& probe) {
  fields.text("prompt", probe.prompt, Need::required);
  fields.maybe_whole("tokens_by_template", probe.tokens_by_template);
  fields.maybe_whole("prompt_tokens", probe.prompt_tokens);
  fields.maybe_whole("completion_tokens", probe.completion_tokens);
  fields.maybe_whole("streamed_prompt_tokens", probe.streamed_prompt_tokens);
  fields.maybe_whole("streamed_completion_tokens", probe.streamed_completion_tokens);
  fields.maybe_whole("completion_tokens_counted", probe.completion_tokens_counted);
  fields.text("finish_reason", probe.finish_reason);
  fields.text("text", probe.text);
  fields.text("text_sha256", probe.text_sha256);
  fields.maybe_flag("streamed_the_same", probe.streamed_the_same);
  fields.text("why", probe.why);
}

template <class Fields>
static void describe(Fields& fields, EngineInspection& engine) {
  fields.text("deployment", engine.deployment, Need::required);
  fields.text("model", engine.model, Need::required);
  fields.text("kind", engine.kind, Need::required);
  fields.text("url", engine.url, Need::required);
  fields.flag("healthy", engine.healthy);
  fields.text("why", engine.why);
  fields.maybe_flag("served_as_known", engine.served_as_known);
  fields.maybe_whole("context", engine.context);
  fields.maybe_whole("slots", engine.slots);
  fields.text("template_sha256", engine.template_sha256);
  fields.text("tokenizer_sha256", engine.tokenizer_sha256);
  fields.object("weights", engine.weights);
  fields.list("features", engine.features);
  fields.list("probes", engine.probes);
}

template <class Fields>
static void describe(Fields& fields, CertificateSaid& certificate) {
  fields.text("identity", certificate.identity, Need::required);
  fields.text("zone", certificate.zone, Need::required);
  fields.date_or("not_after", certificate.not_after, WallTime{});
}

template <class Fields>
static void describe(Fields& fields, Inspection& inspection) {
  fields.text("gateway", inspection.gateway, Need::required);
  fields.text("zone", inspection.zone, Need::required);
  fields.date_or("asked", inspection.asked, WallTime{});
  fields.date_or("answered", inspection.answered, WallTime{});
  fields.maybe("world", inspection.world);
  fields.maybe("certificate", inspection.certificate);
  fields.list("peers", inspection.peers);
  fields.list("engines", inspection.engines);
}

template <class Said>
static std::string encode(std::string_view kind, Said said) {
  FieldWriter writer;
  describe(writer, said);
  auto json = seal::make_statement(kind);
  const auto members = writer.take();
  for (const auto& member : *members.as_object()) json.set(member.name, member.value);
  return wire::render_canonical(json);
}

template <class Said>
static Result<Said> decode(const wire::Json& json, std::string_view kind) {
  Said said;
  FieldReader reader(json, std::string(kind));
  describe(reader, said);
  TRY_DO(reader.status());
  return said;
}

std::string encode_inspection_request(const InspectionRequest& request) {
  return encode(request_kind, request);
}

Result<InspectionRequest> decode_inspection_request(std::string_view body) {
  TRY(const auto json, open(body, request_kind, inspect_request_bytes_max));
  TRY(auto request, decode<InspectionRequest>(json, request_kind));
  TRY_DO(check_bounds(request));
  return request;
}

std::string encode_inspection(const Inspection& inspection) {
  return encode(inspection_kind, inspection);
}

Result<Inspection> decode_inspection(std::string_view body) {
  TRY(const auto json, open(body, inspection_kind, inspect_answer_bytes_max));
  return decode<Inspection>(json, inspection_kind);
}

}  // namespace portolan::world

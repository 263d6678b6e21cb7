#include "seal/receipt.h"

#include <fmt/format.h>

#include "seal/jws.h"
#include "seal/statement.h"
#include "seal/text_encoding.h"
#include "wire/json_value.h"

namespace portolan::seal {
namespace {

using wire::Json;

constexpr std::string_view kind = "receipt";
constexpr std::string_view basis_engine = "engine";
constexpr std::string_view basis_estimated = "estimated";

Fault malformed(std::string message) {
  return Fault{Code::malformed_peer, Retry::never, std::move(message)};
}

Result<WallTime> read_milliseconds(const Json& json, std::string_view member) {
  constexpr std::uint64_t milliseconds_max = INT64_MAX / 1'000'000;
  TRY(const auto milliseconds, read_whole(json, member));
  if (milliseconds > milliseconds_max) {
    return malformed(fmt::format("The member '{}' is no date in milliseconds.", member));
  }
  return WallTime{static_cast<std::int64_t>(milliseconds) * 1'000'000};
}

Result<bool> read_estimated(const Json& json) {
  TRY(const auto basis, read_text(json, "usage_basis"));
  if (basis == basis_engine) return false;
  if (basis == basis_estimated) return true;
  return malformed("The member 'usage_basis' is engine or estimated.");
}

Result<DigestBasis> read_digest_basis(const Json& json) {
  TRY(const auto basis, read_text(json, "digest_basis"));
  if (basis == name_of(DigestBasis::declared)) return DigestBasis::declared;
  if (basis == name_of(DigestBasis::measured)) return DigestBasis::measured;
  return malformed("The member 'digest_basis' is declared or measured.");
}

void set_content(Json& json, const ContentDigests& content) {
  json.set("answer_bytes", content.answer_bytes);
  json.set("answer_sha256", content.answer);
  json.set("answer_stream", content.stream);
  json.set("request_sha256", content.request);
}

Result<std::optional<ContentDigests>> read_content(const Json& json) {
  if (!json.find("answer_sha256")) return std::optional<ContentDigests>();
  ContentDigests content;
  TRY(content.answer_bytes, read_whole(json, "answer_bytes"));
  TRY(content.answer, read_text(json, "answer_sha256"));
  const auto* stream = json.find("answer_stream");
  if (!stream || !stream->as_bool()) return malformed("The member 'answer_stream' is missing.");
  content.stream = *stream->as_bool();
  TRY(content.request, read_text(json, "request_sha256"));
  return std::optional(content);
}

Status read_place(const Json& json, ReceiptFacts& facts) {
  TRY(facts.executor_region, read_text(json, "executor_region"));
  TRY(facts.executor_zone, read_text(json, "executor_zone"));
  TRY(facts.executor_gateway, read_text(json, "executor_gateway"));
  TRY(facts.entry_zone, read_text(json, "entry_zone"));
  TRY(facts.entry_gateway, read_text(json, "entry_gateway"));
  return {};
}

Status read_measures(const Json& json, ReceiptFacts& facts) {
  TRY(facts.began, read_milliseconds(json, "began_ms"));
  TRY(facts.ended, read_milliseconds(json, "ended_ms"));
  TRY(facts.versions.world, read_text(json, "world"));
  TRY(facts.versions.keyring, read_whole(json, "keyring"));
  TRY(facts.versions.restrictions, read_whole(json, "restrictions"));
  TRY(facts.usage.prompt.value, read_whole(json, "prompt_tokens"));
  TRY(facts.usage.completion.value, read_whole(json, "completion_tokens"));
  TRY(facts.usage.cached.value, read_whole(json, "cached_tokens"));
  TRY(facts.usage.estimated, read_estimated(json));
  return {};
}

}  // namespace

std::string_view name_of(DigestBasis basis) {
  switch (basis) {
    case DigestBasis::declared:
      return "declared";
    case DigestBasis::measured:
      return "measured";
  }
  fail_check("a basis outside its enumeration", std::source_location::current());
}

std::string render_facts(const ReceiptFacts& facts) {
  auto json = make_statement(kind);
  json.set("network", facts.network);
  json.set("request_id", facts.request_id);
  json.set("workspace", facts.workspace);
  json.set("key_id", facts.key_id);
  json.set("model", facts.model);
  json.set("model_digest", facts.model_digest);
  json.set("digest_basis", name_of(facts.digest_basis));
  json.set("engine_kind", facts.engine_kind);
  json.set("scope", facts.scope);
  json.set("executor_region", facts.executor_region);
  json.set("executor_zone", facts.executor_zone);
  json.set("executor_gateway", facts.executor_gateway);
  json.set("entry_zone", facts.entry_zone);
  json.set("entry_gateway", facts.entry_gateway);
  json.set("began_ms", facts.began.unix_milliseconds());
  json.set("ended_ms", facts.ended.unix_milliseconds());
  json.set("world", facts.versions.world);
  json.set("keyring", facts.versions.keyring);
  json.set("restrictions", facts.versions.restrictions);
  json.set("prompt_tokens", facts.usage.prompt.value);
  json.set("completion_tokens", facts.usage.completion.value);
  json.set("cached_tokens", facts.usage.cached.value);
  json.set("usage_basis", facts.usage.estimated ? basis_estimated : basis_engine);
  json.set("outcome", facts.outcome);
  if (facts.content) set_content(json, *facts.content);
  return wire::render_canonical(json);
}

Result<ReceiptFacts> parse_facts(std::string_view text) {
  TRY(const auto json, parse_canonical(text));
  TRY_DO(check_statement(json, kind));
  ReceiptFacts facts;
  TRY(facts.network, read_text(json, "network"));
  TRY(facts.request_id, read_text(json, "request_id"));
  TRY(facts.workspace, read_text(json, "workspace"));
  TRY(facts.key_id, read_text(json, "key_id"));
  TRY(facts.model, read_text(json, "model"));
  TRY(facts.model_digest, read_text(json, "model_digest"));
  TRY(facts.digest_basis, read_digest_basis(json));
  TRY(facts.engine_kind, read_text(json, "engine_kind"));
  TRY(facts.scope, read_text(json, "scope"));
  TRY(facts.outcome, read_text(json, "outcome"));
  TRY_DO(read_place(json, facts));
  TRY_DO(read_measures(json, facts));
  TRY(facts.content, read_content(json));
  return facts;
}

std::vector<std::string_view> split_facts(std::string_view text) {
  if (text.starts_with('{')) text.remove_prefix(1);
  if (text.ends_with('}')) text.remove_suffix(1);
  std::vector<std::string_view> members;
  std::size_t begin = 0;
  for (std::size_t at = 0; at + 2 < text.size(); ++at) {
    // A quote within a text is escaped, and no name begins with a comma or a
    // brace: what follows a comma like this is the next name.
    if (text[at] != ',' || text[at + 1] != '"' || text[at + 2] < 'a' || text[at + 2] > 'z') {
      continue;
    }
    members.push_back(text.substr(begin, at - begin));
    begin = at + 1;
  }
  if (!text.empty()) members.push_back(text.substr(begin));
  return members;
}

std::string sums_of(const std::vector<std::string_view>& members) {
  constexpr std::size_t bytes = 3;
  std::string sums;
  for (const std::string_view member : members) {
    std::array<unsigned char, bytes> head;
    const std::string digest = sha256_hex(member);
    const auto parsed = parse_hex(std::string_view(digest).substr(0, 2 * bytes), head);
    check(parsed.has_value(), "a digest is hex");
    sums += render_base64url(head);
  }
  return sums;
}

std::string render_receipt_header(std::string_view facts, const std::vector<Certificate>& chain) {
  auto certificates = Json::array();
  for (const Certificate& certificate : chain) certificates.push(certificate_json(certificate));
  auto header = Json::object();
  header.set("alg", jws_algorithm);
  header.set("chain", std::move(certificates));
  header.set("kid", chain.back().subject.key.id());
  header.set("sums", sums_of(split_facts(facts)));
  header.set("typ", receipt_type);
  return wire::render_canonical(header);
}

std::string sign_receipt(const ReceiptFacts& facts, const ZoneSigner& signer) {
  const std::string text = render_facts(facts);
  return sign_jws(render_receipt_header(text, signer.chain), text, signer.key);
}

}  // namespace portolan::seal

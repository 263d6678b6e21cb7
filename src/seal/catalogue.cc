#include "seal/catalogue.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "seal/jws.h"
#include "seal/statement.h"
#include "seal/text_encoding.h"

namespace portolan::seal {
namespace {

using wire::Json;

constexpr std::string_view kind = "catalogue";
constexpr std::string_view type = "portolan-catalogue";

// A region says a little more of each model than the World does, in base64.
constexpr std::size_t bytes_max = 4 * limits::world_bytes_max.count();

std::string render_header(const Certificate& certificate) {
  auto chain = Json::array();
  chain.push(certificate_json(certificate));
  auto header = Json::object();
  header.set("alg", jws_algorithm);
  header.set("chain", std::move(chain));
  header.set("kid", certificate.subject.key.id());
  header.set("typ", type);
  return wire::render_canonical(header);
}

std::string render_facts(const CatalogueFacts& facts) {
  auto json = make_statement(kind);
  json.set("network", facts.world.network);
  json.set("epoch", facts.world.epoch);
  json.set("number", facts.world.number);
  json.set("world", facts.world_hash);
  json.set("region", facts.region);
  json.set("at_ms", facts.at.unix_milliseconds());
  json.set("models", facts.models);
  return wire::render_canonical(json);
}

Result<CatalogueFacts> parse_facts(std::string_view text) {
  constexpr std::uint64_t milliseconds_max = INT64_MAX / 1'000'000;
  TRY(const auto json, parse_canonical(text));
  TRY_DO(check_statement(json, kind));
  CatalogueFacts facts;
  TRY(facts.world.network, read_text(json, "network"));
  TRY(facts.world.epoch, read_whole(json, "epoch"));
  TRY(facts.world.number, read_whole(json, "number"));
  TRY(facts.world_hash, read_text(json, "world"));
  TRY(facts.region, read_text(json, "region"));
  TRY(const auto milliseconds, read_whole(json, "at_ms"));
  const auto* models = json.find("models");
  if (milliseconds > milliseconds_max || models == nullptr || models->as_array() == nullptr) {
    return Fault{Code::malformed_peer, Retry::never,
                 "The catalogue has no date in 'at_ms' or no list in 'models'."};
  }
  facts.at = WallTime{static_cast<std::int64_t>(milliseconds) * 1'000'000};
  facts.models = *models;
  return facts;
}

Fault malformed(std::string_view part, std::string_view why) {
  return Fault{Code::malformed_peer, Retry::never, fmt::format("The {} is damaged: {}", part, why)};
}

Fault not_signed(std::string sentence) {
  return Fault{Code::bad_signature, Retry::never, std::move(sentence)};
}

// Beside JSON, what RFC 7515 asks: the algorithm is the one that is expected, and nothing is
// critical that is not understood.
Result<Certificate> read_header(std::string_view encoded, const VerifyKey& root) {
  const auto text = parse_base64url(encoded);
  if (!text) return malformed("header", "it is no base64url.");
  const auto json = parse_canonical(*text);
  if (!json) return malformed("header", json.error().message);
  const auto algorithm = read_text(*json, "alg");
  const auto named = read_text(*json, "typ");
  if (!algorithm || *algorithm != jws_algorithm || !named || *named != type || json->find("crit") ||
      json->find("b64")) {
    return not_signed(
        fmt::format("The header is not that of a catalogue: its type is {}, and it "
                    "is signed by {} and nothing else.",
                    type, jws_algorithm));
  }
  const auto* chain = json->find("chain");
  if (!chain || !chain->as_array() || chain->as_array()->size() != 1) {
    return not_signed("The header holds no chain of one certificate: control's.");
  }
  auto certificate = read_certificate(chain->as_array()->front());
  if (!certificate) return malformed("control certificate", certificate.error().message);
  TRY_DO(verify_issued({&*certificate, 1}, root));
  const auto key = read_text(*json, "kid");
  if (key && *key == certificate->subject.key.id()) return certificate;
  return not_signed("The header names another key than control's certificate.");
}

Status check_signer(const CatalogueFacts& facts, const Certificate& signer) {
  if (facts.world.network != signer.subject.network) {
    return not_signed(fmt::format("Control of network '{}' signed a catalogue of '{}'.",
                                  signer.subject.network, facts.world.network));
  }
  const auto dated = verify_dates({&signer, 1}, facts.at);
  if (dated) return {};
  return not_signed("At the catalogue's date control's certificate was not valid. " +
                    dated.error().message);
}

}  // namespace

std::string sign_catalogue(const CatalogueFacts& facts, const Signer& signer) {
  return sign_jws(render_header(signer.certificate), render_facts(facts), signer.key);
}

Result<VerifiedCatalogue> verify_catalogue(std::string_view jws, const VerifyKey& root) {
  if (jws.size() > bytes_max) {
    return Fault{Code::limit_exceeded, Retry::never,
                 fmt::format("The catalogue has {} bytes; one of a World within {} has at most {}.",
                             jws.size(), limits::world_bytes_max.name, bytes_max)};
  }
  const auto parts = split_jws(jws);
  if (!parts) {
    return Fault{Code::malformed_peer, Retry::never,
                 "It is no signed catalogue, or a dot was changed or its end is cut off."};
  }
  VerifiedCatalogue verified;
  TRY(verified.signer, read_header(parts->header, root));
  Signature signature;
  if (!parse_base64url(parts->signature, signature)) {
    return malformed("signature", "it is not 64 bytes of base64url.");
  }
  const Subject& control = verified.signer.subject;
  if (!control.key.verifies(parts->signed_bytes(), signature)) {
    return not_signed(
        fmt::format("Control '{}' did not sign this: catalogue, header or signature "
                    "was changed.",
                    control.name));
  }
  const auto text = parse_base64url(parts->payload);
  if (!text) return malformed("catalogue", "it is signed and no base64url.");
  TRY(verified.facts, parse_facts(*text));
  TRY_DO(check_signer(verified.facts, verified.signer));
  return verified;
}

}  // namespace portolan::seal

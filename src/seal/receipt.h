#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "seal/certificate.h"
#include "seal/ed25519.h"
#include "wire/frame_payload.h"

namespace portolan::seal {

// Whether an engine's weights were hashed by us, or are what its operator says.
enum class DigestBasis : std::uint8_t { declared, measured };

std::string_view name_of(DigestBasis basis);

// Of what was asked and answered, SHA-256 in hex. The answer's covers its body
// after de-chunking; a stream's ends where a receipt's comment stands, before
// `data: [DONE]`, whether or not the comment is there.
struct ContentDigests {
  std::string request;  // the body as the client sent it
  std::string answer;
  std::uint64_t answer_bytes = 0;
  bool stream = false;  // `data: [DONE]` follows what the digest covers
  friend bool operator==(const ContentDigests&, const ContentDigests&) = default;
};

// What a receipt states: where and by what one execution of a request was
// computed. Dates count whole milliseconds.
struct ReceiptFacts {
  std::string network;
  std::string request_id;
  std::string workspace;
  std::string key_id;
  std::string model;
  std::string model_digest;
  DigestBasis digest_basis = DigestBasis::declared;
  std::string engine_kind;
  std::string scope;
  std::string executor_region;
  std::string executor_zone;
  std::string executor_gateway;
  std::string entry_zone;
  std::string entry_gateway;
  WallTime began;
  WallTime ended;
  wire::HeldVersions versions;  // that the executor decided by
  wire::UsageCounts usage;
  std::string outcome;
  std::optional<ContentDigests> content;  // of a receipt that was asked for with the request
  friend bool operator==(const ReceiptFacts&, const ReceiptFacts&) = default;
};

// One flat JSON object, canonical.
std::string render_facts(const ReceiptFacts& facts);
// Errors: malformed_peer for what is not canonical or lacks a member;
// unsupported_version for an unknown major. Unknown members are skipped.
Result<ReceiptFacts> parse_facts(std::string_view text);

// Who signs receipts: a zone's key, and the chain that certifies it, control's
// certificate first.
struct ZoneSigner {
  SigningKey key;
  std::vector<Certificate> chain;
};

inline constexpr std::string_view receipt_type = "portolan-receipt";

// A receipt: a JWS in compact serialization (RFC 7515), EdDSA with Ed25519 (RFC
// 8037). The protected header carries the chain, so that a root's public key is
// all that is needed to verify it, and a short sum of every fact, so that one
// that was changed can be named.
std::string sign_receipt(const ReceiptFacts& facts, const ZoneSigner& signer);

// The protected header, canonical, for facts rendered as `facts`.
std::string render_receipt_header(std::string_view facts, const std::vector<Certificate>& chain);

// The members of a flat canonical object, as they stand in it: `"name":value`.
// Also of one that was damaged, as far as they can be told apart.
std::vector<std::string_view> split_facts(std::string_view text);
// Three bytes of SHA-256 of each, base64url, one after another.
std::string sums_of(const std::vector<std::string_view>& members);
inline constexpr std::size_t sum_characters = 4;

}  // namespace portolan::seal

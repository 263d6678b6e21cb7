#include "seal/signed_document.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "seal/statement.h"
#include "seal/text_encoding.h"
#include "wire/json_value.h"

namespace portolan::seal {
namespace {

constexpr DocumentKind kinds[] = {DocumentKind::world, DocumentKind::keyring,
                                  DocumentKind::keyring_delta, DocumentKind::restrictions};

// Put before what is signed, so that no other signature of the same key can be
// taken for a document.
constexpr std::string_view domain = "portolan document\n";

// Certificate, statement and signature are under 2 KiB; names are bounded.
constexpr std::size_t head_bytes_max = 16 * 1024;

std::string signed_bytes(std::string_view statement) {
  return std::string(domain).append(statement);
}

Fault malformed(DocumentKind kind, std::string_view why) {
  return Fault{Code::malformed_peer, Retry::never,
               fmt::format("The signed {} {}.", name_of(kind), why)};
}

Fault bad_signature(DocumentKind kind, std::string_view why) {
  return Fault{Code::bad_signature, Retry::never,
               fmt::format("The signed {} is refused: {}", name_of(kind), why)};
}

const Limit& bytes_max_of(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::world:
    case DocumentKind::restrictions:
      return limits::world_bytes_max;
    case DocumentKind::keyring:
    case DocumentKind::keyring_delta:
      return limits::keyring_bytes_max;
  }
  fail_check("a document kind outside its enumeration", std::source_location::current());
}

// The parts of a document, each as it stands in the bytes.
struct Parts {
  wire::Json head;
  std::string_view payload;
};

Result<Parts> split(std::string_view bytes, DocumentKind kind) {
  const auto line_end = bytes.substr(0, head_bytes_max).find('\n');
  if (line_end == std::string_view::npos) {
    return malformed(kind, "has no first line; it is truncated or no signed document");
  }
  auto head = parse_canonical(bytes.substr(0, line_end));
  if (!head) return malformed(kind, "has a damaged first line: " + head.error().message);
  return Parts{std::move(*head), bytes.substr(line_end + 1)};
}

Status verify_signer(const Certificate& certificate, DocumentKind kind, const VerifyKey& root,
                     WallTime now) {
  auto chain = verify_chain({&certificate, 1}, root, now);
  if (!chain) return bad_signature(kind, chain.error().message);
  return {};
}

Status verify_payload(const wire::Json& statement, DocumentKind kind, std::string_view payload,
                      std::string_view hash) {
  TRY(const auto size, read_whole(statement, "payload_bytes"));
  if (payload.size() < size) return malformed(kind, "is truncated");
  if (payload.size() > size) return malformed(kind, "has bytes behind its end");
  TRY(const auto stated, read_text(statement, "payload_sha256"));
  if (stated != hash) return bad_signature(kind, "its content is not what control signed.");
  return {};
}

Result<model::Version> read_version(const wire::Json& statement) {
  model::Version version;
  TRY(version.network, read_text(statement, "network"));
  TRY(version.epoch, read_whole(statement, "epoch"));
  TRY(version.number, read_whole(statement, "number"));
  return version;
}

}  // namespace

std::string_view name_of(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::world:
      return "world";
    case DocumentKind::keyring:
      return "keyring";
    case DocumentKind::keyring_delta:
      return "keyring-delta";
    case DocumentKind::restrictions:
      return "restrictions";
  }
  fail_check("a document kind outside its enumeration", std::source_location::current());
}

std::optional<DocumentKind> document_kind_named(std::string_view name) {
  for (const DocumentKind kind : kinds) {
    if (name_of(kind) == name) return kind;
  }
  return std::nullopt;
}

std::string seal_document(DocumentKind kind, const model::Version& version,
                          std::string_view payload, const Signer& signer) {
  auto statement = make_statement(name_of(kind));
  statement.set("epoch", version.epoch);
  statement.set("network", version.network);
  statement.set("number", version.number);
  statement.set("payload_bytes", payload.size());
  statement.set("payload_sha256", sha256_hex(payload));
  const auto signature = signer.key.sign(signed_bytes(wire::render_canonical(statement)));

  auto head = wire::Json::object();
  head.set("certificate", certificate_json(signer.certificate));
  head.set("signature", render_base64url(signature));
  head.set("statement", std::move(statement));
  std::string bytes = wire::render_canonical(head);
  bytes.reserve(bytes.size() + 1 + payload.size());
  return bytes.append("\n").append(payload);
}

Result<OpenedDocument> open_document(std::string_view bytes, DocumentKind expected,
                                     const VerifyKey& root, WallTime now) {
  const Limit& bytes_max = bytes_max_of(expected);
  if (bytes.size() > bytes_max.count() + head_bytes_max) {
    return Fault{Code::limit_exceeded, Retry::never,
                 fmt::format("The signed {} has {} bytes; {} is {}.", name_of(expected),
                             bytes.size(), bytes_max.name, bytes_max.value)};
  }
  TRY(const auto parts, split(bytes, expected));
  const auto* statement = parts.head.find("statement");
  const auto* certificate = parts.head.find("certificate");
  if (!statement || !certificate || parts.head.as_object()->size() != 3) {
    return malformed(expected, "has another first line than certificate, signature, statement");
  }
  TRY_DO(check_statement(*statement, name_of(expected)));

  OpenedDocument document;
  document.kind = expected;
  TRY(document.certificate, read_certificate(*certificate));
  TRY_DO(verify_signer(document.certificate, expected, root, now));
  TRY(const auto signature, read_signature(parts.head));
  const Subject& signer = document.certificate.subject;
  if (!signer.key.verifies(signed_bytes(wire::render_canonical(*statement)), signature)) {
    return bad_signature(expected, fmt::format("control '{}' did not sign it.", signer.name));
  }
  TRY(document.version, read_version(*statement));
  if (document.version.network != signer.network) {
    return bad_signature(expected, fmt::format("control of network '{}' signed for '{}'.",
                                               signer.network, document.version.network));
  }
  document.hash = sha256_hex(parts.payload);
  TRY_DO(verify_payload(*statement, expected, parts.payload, document.hash));
  document.payload = parts.payload;
  return document;
}

std::optional<DocumentClaim> claim_of(std::string_view bytes) {
  const auto parts = split(bytes, DocumentKind::world);
  if (!parts) return std::nullopt;
  const wire::Json* statement = parts->head.find("statement");
  if (statement == nullptr) return std::nullopt;
  const auto version = read_version(*statement);
  const auto hash = read_text(*statement, "payload_sha256");
  if (!version || !hash) return std::nullopt;
  return DocumentClaim{*version, std::string(*hash)};
}

}  // namespace portolan::seal

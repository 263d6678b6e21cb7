#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "model/version.h"
#include "seal/certificate.h"
#include "seal/ed25519.h"

namespace portolan::seal {

enum class DocumentKind : std::uint8_t { world, keyring, keyring_delta, restrictions };

// world, keyring, keyring-delta, restrictions.
std::string_view name_of(DocumentKind kind);
std::optional<DocumentKind> document_kind_named(std::string_view name);

// Who may sign documents: a control process, with the root's word for it.
struct Signer {
  SigningKey key;
  Certificate certificate;
};

// Control's word that this payload is that version of that document.
//
// On the wire and on disk: one line of canonical JSON
//   {"certificate": {...}, "signature": base64url, "statement": {...}}
// and, behind its line feed, the payload's bytes as they are. The statement
// names kind, format version, network, epoch, number, and the payload's size
// and SHA-256; the signature covers the statement.
std::string seal_document(DocumentKind kind, const model::Version& version,
                          std::string_view payload, const Signer& signer);

struct OpenedDocument {
  DocumentKind kind = DocumentKind::world;
  model::Version version;
  std::string payload;
  std::string hash;  // SHA-256 of the payload, hex: a World's hash
  Certificate certificate;
};

// Takes nothing on trust but the root key. Errors, each with a sentence that
// says which link failed: bad_signature; unsupported_version for an unknown
// major; malformed_peer for what is truncated, of another kind or no document;
// limit_exceeded.
Result<OpenedDocument> open_document(std::string_view bytes, DocumentKind expected,
                                     const VerifyKey& root, WallTime now);

// What a document says it is, with nothing verified: to name one that is refused.
struct DocumentClaim {
  model::Version version;
  std::string hash;
};
std::optional<DocumentClaim> claim_of(std::string_view bytes);

}  // namespace portolan::seal

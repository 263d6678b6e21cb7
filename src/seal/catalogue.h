#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "model/version.h"
#include "seal/signed_document.h"
#include "wire/json_value.h"

namespace portolan::seal {

// What a region offered at a date: its models with what clients may rely on.
struct CatalogueFacts {
  model::Version world;
  std::string world_hash;
  std::string region;
  WallTime at;        // whole milliseconds
  wire::Json models;  // an array with an object for each
};

// A JWS by control's key. The header carries the root's word for that key, so that the root's
// public key is all that is needed to verify it.
std::string sign_catalogue(const CatalogueFacts& facts, const Signer& signer);

struct VerifiedCatalogue {
  CatalogueFacts facts;
  Certificate signer;
};

// With nothing but the root's public key: no network, no clock. Control's certificate must have
// been valid at the catalogue's date, so that a catalogue outlives the key that signed it.
// Errors: bad_signature, malformed_peer and unsupported_version, each with a sentence that names
// the part which was changed or does not fit; limit_exceeded for what is larger than any World
// of which it could be.
Result<VerifiedCatalogue> verify_catalogue(std::string_view jws, const VerifyKey& root);

}  // namespace portolan::seal

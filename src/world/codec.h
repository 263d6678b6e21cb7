#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/keyring.h"
#include "model/resources.h"
#include "model/restrictions.h"
#include "model/version.h"
#include "model/world.h"

namespace portolan::world {

// Payloads of signed documents: canonical JSON that begins with kind, major and
// minor. A reader skips members that it does not know and refuses an unknown
// major. What is left out has its default.
//
// Errors of decoding: malformed_peer (truncated, of another kind, a wrong type;
// the sentence names the member), unsupported_version, limit_exceeded. The
// values are as written; World::make and Keyring::make judge them. A World's hash
// is seal::sha256_hex of its payload.

std::string encode_network(const model::Network& network);
Result<model::Network> decode_network(std::string_view payload);

std::string encode_keyring(const model::Keyring::Content& content);
Result<model::Keyring::Content> decode_keyring(std::string_view payload);

// A delta's and the restrictions' own version goes along.
std::string encode_keyring_delta(const model::KeyringDelta& delta);
Result<model::KeyringDelta> decode_keyring_delta(std::string_view payload);

std::string encode_restrictions(const model::Restrictions& restrictions);
Result<model::Restrictions> decode_restrictions(std::string_view payload);

}  // namespace portolan::world

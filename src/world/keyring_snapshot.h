#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "model/keyring.h"

namespace portolan::world {

inline constexpr Limit keyring_names_bytes_max{
    "keyring_names_bytes_max", 4 * limits::keyring_bytes_max.value,
    "of workspaces and scopes, all keys of a Keyring's snapshot together: each has its own copy"};

// A Keyring's payload in few bytes a key, some 57 where JSON takes 132. Only who says in
// its poll that it reads this form is sent it.
//
//   portolan-keyring 1.0
//   the payload of encode_keyring() without keys, one line
//   {"keys": how many, "scopes": [{"names": [...]}, ...]}, one line
//   the keys, ascending by id, each:
//     1 byte    length of the id, and the id
//     32 bytes  digest
//     varint    position of the workspace, above
//     varint    0, or 1 + position of the scopes, above
//     1 byte    1: revoked, 2: created follows, 4: expires follows, 8: these are
//               nanoseconds since 1970, not seconds
//     varints   those dates, zigzag
//
// A varint is LEB128 in as few bytes as it takes. Errors of decoding: as
// world::decode_keyring; malformed_peer also for ids that do not ascend. Of encoding:
// invalid_resource for a key without its workspace, or with an id above 255 bytes. Of
// both: limit_exceeded above keyring_names_bytes_max.
Result<std::string> encode_keyring_snapshot(const model::Keyring::Content& content);
Result<model::Keyring::Content> decode_keyring_snapshot(std::string_view payload);

bool is_keyring_snapshot(std::string_view payload);
// Of either form.
Result<model::Keyring::Content> decode_any_keyring(std::string_view payload);

}  // namespace portolan::world

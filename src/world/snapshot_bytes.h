#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portolan::world {

// The small parts of a Keyring's snapshot: bytes, LEB128 varints, zigzag numbers.

void put_varint(std::string& out, std::uint64_t value);

// Near zero, on either side, is small.
std::uint64_t zigzag(std::int64_t value);
std::int64_t unzigzag(std::uint64_t coded);

// Takes them off the front. Errors: malformed_peer where the bytes end before, and for
// a varint in more bytes than it takes, or above 64 bits.
class SnapshotBytes {
 public:
  explicit SnapshotBytes(std::string_view bytes) : left_(bytes) {}

  bool empty() const { return left_.empty(); }
  Result<unsigned char> byte();
  Result<std::string_view> take(std::size_t count);
  Result<std::uint64_t> varint();

 private:
  std::string_view left_;
};

}  // namespace portolan::world

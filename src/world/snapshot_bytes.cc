#include "world/snapshot_bytes.h"

namespace portolan::world {
namespace {

constexpr unsigned char more = 0x80;
constexpr unsigned digit_bits = 7;

Fault malformed(std::string_view why) {
  return Fault{Code::malformed_peer, Retry::never, "The keyring snapshot " + std::string(why)};
}

}  // namespace

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= more; value >>= digit_bits) out.push_back(static_cast<char>(value | more));
  out.push_back(static_cast<char>(value));
}

std::uint64_t zigzag(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? ~(bits << 1) : bits << 1;
}

std::int64_t unzigzag(std::uint64_t coded) {
  const std::uint64_t bits = (coded & 1) != 0 ? ~(coded >> 1) : coded >> 1;
  return static_cast<std::int64_t>(bits);
}

Result<unsigned char> SnapshotBytes::byte() {
  if (left_.empty()) return malformed("is truncated.");
  const auto taken = static_cast<unsigned char>(left_.front());
  left_.remove_prefix(1);
  return taken;
}

Result<std::string_view> SnapshotBytes::take(std::size_t count) {
  if (count > left_.size()) return malformed("is truncated.");
  const auto taken = left_.substr(0, count);
  left_.remove_prefix(count);
  return taken;
}

Result<std::uint64_t> SnapshotBytes::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += digit_bits) {
    TRY(const auto next, byte());
    const auto digit = static_cast<std::uint64_t>(next & (more - 1));
    if (digit << shift >> shift != digit) return malformed("has a number above 64 bits.");
    value |= digit << shift;
    if ((next & more) != 0) continue;
    if (next == 0 && shift != 0) return malformed("has a number in more bytes than it takes.");
    return value;
  }
  return malformed("has a number above 64 bits.");
}

}  // namespace portolan::world

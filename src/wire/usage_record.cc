#include "wire/usage_record.h"

#include <xxhash.h>

#include <array>
#include <utility>

#include "wire/usage_payload.h"

namespace portolan::wire {
namespace {

constexpr std::string_view magic = "PUL1";
constexpr unsigned char major_version = 1;
constexpr unsigned char minor_version = 0;

// Offsets in a header.
constexpr std::size_t at_size = 4;
constexpr std::size_t at_kind = 8;
constexpr std::size_t at_major = 9;
constexpr std::size_t at_minor = 10;
constexpr std::size_t at_zeros = 11;
constexpr std::size_t at_number = 16;
constexpr std::size_t at_checksum = 24;

Fault broken(std::string_view what) {
  return {Code::malformed_peer, Retry::never, "usage record: " + std::string(what)};
}

template <class T>
T read_little(std::string_view bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) {
    value = static_cast<T>(value << 8 | static_cast<unsigned char>(bytes[at + i]));
  }
  return value;
}

template <class T>
void write_little(std::string& bytes, std::size_t at, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[at + i] = static_cast<char>(value >> (8 * i));
  }
}

std::size_t padding_of(std::size_t payload) {
  return (usage_alignment - payload % usage_alignment) % usage_alignment;
}

std::uint64_t checksum_of(std::string_view header, std::string_view payload) {
  const XXH64_hash_t seed = XXH3_64bits(header.data(), at_checksum);
  return XXH3_64bits_withSeed(payload.data(), payload.size(), seed);
}

bool all_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace

UsageKind kind_of(const UsageBody& body) { return static_cast<UsageKind>(body.index() + 1); }

std::string_view name_of(UsageKind kind) {
  constexpr std::array<std::string_view, 7> names = {"",           "segment", "start", "open",
                                                     "checkpoint", "close",   "exec"};
  const auto index = static_cast<std::size_t>(kind);
  return index < names.size() ? names[index] : std::string_view();
}

bool is_numbered(UsageKind kind) {
  return kind == UsageKind::start || kind == UsageKind::close || kind == UsageKind::exec;
}

void render_usage_record(std::string& out, const UsageBody& body, std::uint64_t number) {
  const UsageKind kind = kind_of(body);
  check(is_numbered(kind) == (number > 0), "what goes to the meter has a number");
  const std::size_t start = out.size();
  out.append(usage_header_bytes, '\0');
  render_usage_payload(out, body);
  const std::size_t payload = out.size() - start - usage_header_bytes;
  out.replace(start, magic.size(), magic);
  write_little(out, start + at_size, static_cast<std::uint32_t>(payload));
  out[start + at_kind] = static_cast<char>(kind);
  out[start + at_major] = static_cast<char>(major_version);
  out[start + at_minor] = static_cast<char>(minor_version);
  write_little(out, start + at_number, number);
  const std::string_view whole = std::string_view(out).substr(start);
  write_little(out, start + at_checksum, checksum_of(whole, whole.substr(usage_header_bytes)));
  out.append(padding_of(payload), '\0');
}

Result<std::optional<RawUsageRecord>> read_usage_record(std::string_view bytes) {
  const std::string_view header = bytes.substr(0, usage_header_bytes);
  if (all_zero(header)) return std::nullopt;
  if (header.size() < usage_header_bytes) return broken("torn in its header");
  if (!header.starts_with(magic)) return broken("none begins here");
  const std::size_t payload = read_little<std::uint32_t>(header, at_size);
  const std::size_t whole = usage_header_bytes + payload + padding_of(payload);
  if (whole > usage_record_bytes_max.count()) return broken("larger than any is");
  if (bytes.size() < whole) return broken("torn");
  RawUsageRecord record;
  record.bytes = bytes.substr(0, whole);
  record.payload = record.bytes.substr(usage_header_bytes, payload);
  if (read_little<std::uint64_t>(header, at_checksum) != checksum_of(header, record.payload)) {
    return broken("its checksum does not hold");
  }
  if (!all_zero(record.bytes.substr(usage_header_bytes + payload))) {
    return broken("its padding is not zero");
  }
  const auto major = static_cast<unsigned char>(header[at_major]);
  if (major != major_version) {
    return Fault{Code::unsupported_version, Retry::never,
                 "usage record: of version " + std::to_string(major) + ", this reads version 1"};
  }
  record.kind = static_cast<UsageKind>(header[at_kind]);
  record.number = read_little<std::uint64_t>(header, at_number);
  const bool known = !name_of(record.kind).empty();
  if (!all_zero(header.substr(at_zeros, at_number - at_zeros)) ||
      (known && is_numbered(record.kind) != (record.number > 0))) {
    return broken("its header is not well formed");
  }
  return record;
}

std::optional<std::size_t> find_usage_record(std::string_view bytes, std::size_t from) {
  std::size_t at = bytes.find(magic, from);
  while (at != std::string_view::npos) {
    if (at % usage_alignment == 0) {
      const auto record = read_usage_record(bytes.substr(at));
      if (record && *record) return at;
    }
    at = bytes.find(magic, at + 1);
  }
  return std::nullopt;
}

}  // namespace portolan::wire

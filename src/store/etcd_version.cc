#include "store/etcd_version.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <compare>
#include <cstdint>
#include <optional>

namespace portolan::store {
namespace {

struct Version {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint32_t patch = 0;
  friend auto operator<=>(const Version&, const Version&) = default;
};

// The first version that does not have it, and what all before it have.
struct Flaw {
  Version mended;
  std::string_view reason;
};

// CHANGELOG-3.5.md of etcd, and issues 13766, 14685 and 17529 of it.
constexpr std::array flaws = {
    Flaw{{3, 5, 0}, "its JSON API and its leases are those of an older line"},
    Flaw{{3, 5, 3}, "its members can come to hold different data when one is killed under load"},
    Flaw{{3, 5, 6},
         "its members can come to hold different data when one dies at a defragmentation"},
    Flaw{{3, 5, 13},
         "its watches can leave out changes after a compaction, and its leases can end "
         "early when the leader changes"},
};

std::optional<Version> parse_version(std::string_view text) {
  Version version;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (auto* part : {&version.major, &version.minor, &version.patch}) {
    const auto parsed = std::from_chars(at, end, *part);
    if (parsed.ec != std::errc{}) return std::nullopt;
    at = parsed.ptr;
    if (part == &version.patch) break;
    if (at == end || *at != '.') return std::nullopt;
    ++at;
  }
  // "3.6.0-rc.1" is before 3.6.0, and no version to keep a network in.
  if (at != end) return std::nullopt;
  return version;
}

}  // namespace

Status check_etcd_version(std::string_view text) {
  const auto version = parse_version(text);
  if (!version) {
    return Fault{Code::bad_configuration, Retry::never,
                 fmt::format("'{}' is no released version of etcd.", text)};
  }
  for (const auto& flaw : flaws) {
    if (*version >= flaw.mended) continue;
    const auto& newest = flaws.back().mended;
    return Fault{Code::bad_configuration, Retry::never,
                 fmt::format("etcd {} is refused: {}. Run {}.{}.{} or newer.", text, flaw.reason,
                             newest.major, newest.minor, newest.patch)};
  }
  if (version->major != 3) {
    return Fault{Code::bad_configuration, Retry::never,
                 fmt::format("etcd {} is refused: this program speaks to version 3.", text)};
  }
  return {};
}

Status check_etcd_setting(const EtcdSetting& setting, std::string_view member) {
  if (setting.loopback) return {};
  if (!setting.tls) {
    return Fault{Code::bad_configuration, Retry::never,
                 fmt::format("{} would be spoken to in clear. Off loopback etcd needs TLS: give "
                             "its authority and a client certificate.",
                             member)};
  }
  if (setting.answers_strangers) {
    return Fault{Code::bad_configuration, Retry::never,
                 fmt::format("{} reads keys for anybody who connects. Start etcd with "
                             "--client-cert-auth and --trusted-ca-file.",
                             member)};
  }
  return {};
}

}  // namespace portolan::store

#include "seal/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace portolan::seal {
namespace {

constexpr std::string_view scheme = "spiffe://";
constexpr std::size_t uri_bytes_max = 512;  // three names and the words between them
constexpr std::size_t name_bytes_max = 63;

bool may_end_name(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::vector<std::string_view> split_at_slashes(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto slash = text.find('/');
    parts.push_back(text.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    text.remove_prefix(slash + 1);
  }
}

Fault no_identity(std::string_view uri) {
  return Fault{Code::untrusted_peer, Retry::never,
               fmt::format("'{}' is no identity of this system; expected is "
                           "spiffe://<network>/zone/<zone>/gateway/<id>, "
                           "spiffe://<network>/control/<id> or spiffe://<network>/meter/<id>.",
                           uri.substr(0, uri_bytes_max))};
}

}  // namespace

bool valid_name(std::string_view name) {
  return !name.empty() && name.size() <= name_bytes_max && may_end_name(name.front()) &&
         may_end_name(name.back()) &&
         std::ranges::all_of(name, [](char c) { return may_end_name(c) || c == '.' || c == '-'; });
}

std::string render_identity(const Identity& identity) {
  switch (identity.kind) {
    case Identity::Kind::gateway:
      return fmt::format("{}{}/zone/{}/gateway/{}", scheme, identity.network, identity.zone,
                         identity.id);
    case Identity::Kind::control:
      return fmt::format("{}{}/control/{}", scheme, identity.network, identity.id);
    case Identity::Kind::meter:
      return fmt::format("{}{}/meter/{}", scheme, identity.network, identity.id);
  }
  fail_check("an identity outside its enumeration", std::source_location::current());
}

Result<Identity> parse_identity(std::string_view uri) {
  if (!uri.starts_with(scheme) || uri.size() > uri_bytes_max) return no_identity(uri);
  const auto parts = split_at_slashes(uri.substr(scheme.size()));
  Identity identity;
  identity.network = parts[0];
  if (parts.size() == 5 && parts[1] == "zone" && parts[3] == "gateway") {
    identity.kind = Identity::Kind::gateway;
    identity.zone = parts[2];
    identity.id = parts[4];
    if (!valid_name(identity.zone)) return no_identity(uri);
  } else if (parts.size() == 3 && (parts[1] == "control" || parts[1] == "meter")) {
    identity.kind = parts[1] == "meter" ? Identity::Kind::meter : Identity::Kind::control;
    identity.id = parts[2];
  } else {
    return no_identity(uri);
  }
  if (!valid_name(identity.network) || !valid_name(identity.id)) return no_identity(uri);
  return identity;
}

}  // namespace portolan::seal

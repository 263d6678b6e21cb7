#include "store/etcd_place.h"

#include <fmt/format.h>

#include <ranges>
#include <utility>

#include "wire/url.h"

namespace portolan::store {
namespace {

constexpr std::string_view scheme = "etcd://";

Fault wrong(std::string_view text, std::string_view why) {
  return Fault{Code::bad_configuration, Retry::never,
               fmt::format("'{}' is no place of a store: {}. Write "
                           "etcd://HOST:PORT,HOST:PORT[?ca=FILE&certificate=FILE&key=FILE].",
                           text, why)};
}

Result<std::string> file_of(std::string_view query, std::string_view name) {
  TRY(auto file, wire::find_parameter(query, name));
  return file.value_or("");
}

Status check_names(std::string_view text, std::string_view query) {
  for (const auto part : std::views::split(query, '&')) {
    const std::string_view member(part);
    const auto name = member.substr(0, member.find('='));
    if (name != "ca" && name != "certificate" && name != "key" && !member.empty()) {
      return wrong(text, fmt::format("'{}' is not known", name));
    }
  }
  return {};
}

}  // namespace

Result<EtcdPlace> parse_etcd_place(std::string_view text) {
  if (!text.starts_with(scheme)) return wrong(text, "it does not begin with etcd://");
  const auto rest = text.substr(scheme.size());
  const auto mark = rest.find('?');
  const auto query = mark == std::string_view::npos ? "" : rest.substr(mark + 1);
  EtcdPlace place;
  for (const auto part : std::views::split(rest.substr(0, mark), ',')) {
    auto member = runtime::parse_address(std::string(std::string_view(part)));
    if (!member) return wrong(text, member.error().message);
    place.members.push_back(std::move(*member));
  }
  if (place.members.empty()) return wrong(text, "it names no member");
  TRY_DO(check_names(text, query));
  TRY(place.authority, file_of(query, "ca"));
  TRY(place.certificate, file_of(query, "certificate"));
  TRY(place.key, file_of(query, "key"));
  if (place.certificate.empty() != place.key.empty()) {
    return wrong(text, "a certificate and its key come together");
  }
  if (!place.certificate.empty() && place.authority.empty()) {
    return wrong(text, "TLS needs the authority, ca=FILE");
  }
  return place;
}

}  // namespace portolan::store

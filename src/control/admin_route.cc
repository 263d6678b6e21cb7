#include "control/admin_route.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "wire/url.h"
#include "world/suggest.h"

namespace portolan::control {
namespace {

// The part up to the next '/', taken off.
std::string_view take_segment(std::string_view& path) {
  const auto end = path.find('/');
  const auto segment = path.substr(0, end);
  path = end == path.npos ? std::string_view() : path.substr(end + 1);
  return segment;
}

}  // namespace

std::optional<std::vector<std::string>> match_path(std::string_view pattern,
                                                   std::string_view path) {
  std::vector<std::string> found;
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = take_segment(pattern);
    const auto segment = take_segment(path);
    if (wanted != "{}") {
      if (wanted != segment) return std::nullopt;
      continue;
    }
    auto decoded = wire::decode_percent(segment);
    if (!decoded || decoded->empty()) return std::nullopt;
    found.push_back(std::move(*decoded));
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return found;
}

Result<std::uint64_t> whole_parameter(std::string_view query, std::string_view name,
                                      std::uint64_t usual) {
  TRY(const auto text, wire::find_parameter(query, name));
  if (!text) return usual;
  std::uint64_t number = 0;
  const auto end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, number);
  if (read.ec == std::errc{} && read.ptr == end && number > 0) return number;
  return Fault{Code::invalid_parameter, Retry::never,
               fmt::format("'{}={}' is no whole number from 1 on.", name, *text)};
}

std::string suggest_path(std::string_view path, std::span<const std::string_view> patterns) {
  return world::did_you_mean(path, patterns);
}

}  // namespace portolan::control

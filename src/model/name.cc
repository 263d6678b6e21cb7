#include "model/name.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace portolan::model {

bool usable_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return c > ' ' && c < '\x7f' && !std::string_view{",\"'\\"}.contains(c);
  });
}

bool usable_country(std::string_view country) {
  return country.size() == 2 &&
         std::ranges::all_of(country, [](char c) { return c >= 'A' && c <= 'Z'; });
}

Fault invalid_resource(std::string sentence) {
  return Fault{Code::invalid_resource, Retry::never, std::move(sentence)};
}

Fault unusable_name(std::string_view kind, std::string_view name) {
  return invalid_resource(fmt::format(
      "A {} is named '{}'; a name is printable ASCII with no space, comma, quote or backslash.",
      kind, name));
}

}  // namespace portolan::model

#include "policy/sentence.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <utility>

namespace portolan::policy {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t shown_max = 64;
  std::string out = "'";
  for (const char c : text.substr(0, shown_max)) {
    out += c >= ' ' && c < '\x7f' ? c : '?';
  }
  out += text.size() > shown_max ? "...'" : "'";
  return out;
}

std::string list_in_quotes(std::span<const std::string> names, std::size_t shown_max) {
  std::string out;
  for (const std::string& name : names.first(std::min(shown_max, names.size()))) {
    if (!out.empty()) out += ", ";
    out += in_quotes(name);
  }
  if (names.size() > shown_max) out += fmt::format(" and {} more", names.size() - shown_max);
  return out;
}

std::string since(WallTime date, WallTime now) {
  if (date == now) return "";
  return fmt::format(" from {:%Y-%m-%d} on", fmt::gmtime(std::time_t{date.unix_seconds()}));
}

Fault refuse(Code code, std::string sentence) {
  return Fault{code, Retry::never, std::move(sentence)};
}

Fault refuse_here(Code code, std::string sentence) {
  return Fault{code, Retry::elsewhere, std::move(sentence)};
}

Fault no_world() {
  return refuse_here(Code::no_world,
                     "This gateway holds no World and Keyring that belong together yet.");
}

}  // namespace portolan::policy

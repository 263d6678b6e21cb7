#include "wire/url.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "wire/fields.h"
#include "wire/target.h"
#include "wire/utf8.h"

namespace portolan::wire {
namespace {

constexpr std::size_t name_length_max = 253;  // RFC 1035 section 2.3.4, without the root's dot
constexpr std::size_t label_length_max = 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_alnum(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return is_digit(c) || (lower >= 'a' && lower <= 'z');
}

std::string lowered(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  return lower;
}

bool is_address(int family, const std::string& text) {
  in6_addr address{};
  return inet_pton(family, text.c_str(), &address) == 1;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= label_length_max && is_alnum(label.back()) &&
         (is_alnum(label.front()) || label.front() == '_') &&
         std::ranges::all_of(label, [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
}

bool is_host(std::string_view host) {
  if (host.size() > name_length_max) {
    return false;
  }
  if (std::ranges::all_of(host, [](char c) { return is_digit(c) || c == '.'; })) {
    return is_address(AF_INET, std::string(host));
  }
  while (true) {
    const auto dot = host.find('.');
    if (!is_label(host.substr(0, dot))) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return true;
    }
    host.remove_prefix(dot + 1);
  }
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || !std::ranges::all_of(text, is_digit)) {
    return std::nullopt;
  }
  unsigned port = 0;
  for (const char c : text) {
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  if (port == 0 || port > 65535) {
    return std::nullopt;
  }
  return static_cast<std::uint16_t>(port);
}

// "." and ".." would mean another path to one reader than to the next.
bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto slash = std::min(path.find('/'), path.size());
    const auto segment = path.substr(0, slash);
    if (segment == "." || segment == "..") {
      return true;
    }
    path.remove_prefix(slash);
  }
  return false;
}

// Why the text is no Url, or nothing; `url` is filled as far as it goes.
const char* read_authority(std::string_view text, Url& url) {
  if (text.contains('@')) {
    return "it may not hold a user or password";
  }
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    url.host = lowered(text.substr(1, std::min(end, text.size()) - 1));
    if (end == std::string_view::npos || !is_address(AF_INET6, url.host)) {
      return "the text in brackets is no IPv6 address";
    }
    rest = text.substr(end + 1);
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    url.host = lowered(text.substr(0, colon));
    if (!is_host(url.host)) {
      return "its host is neither a DNS name nor an IP address (IPv6 goes in brackets)";
    }
    rest = text.substr(colon);
  }
  if (rest.empty()) {
    return nullptr;
  }
  const auto port = rest.starts_with(':') ? parse_port(rest.substr(1)) : std::nullopt;
  url.port = port.value_or(0);
  return port ? nullptr : "its port is not a number from 1 to 65535";
}

const char* read_url(std::string_view text, Url& url) {
  if (equal_ignoring_case(text.substr(0, 8), "https://")) {
    url.tls = true;
    text.remove_prefix(8);
  } else if (equal_ignoring_case(text.substr(0, 7), "http://")) {
    text.remove_prefix(7);
  } else {
    return "it must begin with http:// or https://";
  }
  url.port = url.tls ? 443 : 80;
  const auto slash = std::min(text.find('/'), text.size());
  if (const char* wrong = read_authority(text.substr(0, slash), url)) {
    return wrong;
  }
  auto path = text.substr(slash);
  if (!is_path(path) || has_dot_segment(path)) {
    return "its path may hold no query, no '.' or '..' and only characters of RFC 3986";
  }
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  url.path_prefix = path;
  return nullptr;
}

enum class Plus : bool { is_plus, is_space };

std::optional<std::string> decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
      if (low < 0) {
        return std::nullopt;
      }
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus == Plus::is_space) {
      c = ' ';
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      return std::nullopt;
    }
    out += c;
  }
  if (!is_utf8(out)) {
    return std::nullopt;
  }
  return out;
}

}  // namespace

Result<Url> parse_url(std::string_view text, Code blame) {
  Url url;
  if (const char* wrong = read_url(text, url)) {
    return Fault{.code = blame, .message = fmt::format("'{}' is no usable URL: {}.", text, wrong)};
  }
  return url;
}

std::string render_authority(const Url& url) {
  const bool brackets = url.host.contains(':');
  auto text = brackets ? fmt::format("[{}]", url.host) : url.host;
  if (url.port != (url.tls ? 443 : 80)) {
    text += fmt::format(":{}", url.port);
  }
  return text;
}

std::string render_url(const Url& url) {
  return fmt::format("{}://{}{}", url.tls ? "https" : "http", render_authority(url),
                     url.path_prefix);
}

std::optional<std::string> decode_percent(std::string_view text) {
  return decode(text, Plus::is_plus);
}

std::optional<std::string> decode_query_text(std::string_view text) {
  return decode(text, Plus::is_space);
}

Result<std::optional<std::string>> find_parameter(std::string_view query, std::string_view name) {
  std::optional<std::string> found;
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    if (decode_query_text(pair.substr(0, equals)) != name) {
      continue;
    }
    auto value = decode_query_text(pair.substr(std::min(equals + 1, pair.size())));
    if (!value || found) {
      return Fault{.code = Code::invalid_parameter,
                   .message = fmt::format("The query parameter '{}' {}.", name,
                                          value ? "comes twice" : "is not encoded as it must be")};
    }
    found = std::move(value);
  }
  return found;
}

void append_percent_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
}

}  // namespace portolan::wire

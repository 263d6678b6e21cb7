#include "wire/http_head.h"

#include <algorithm>
#include <utility>

#include "wire/head_lines.h"
#include "wire/target.h"

namespace portolan::wire {
namespace {

constexpr HeadCodes client_codes{.malformed = Code::malformed_request,
                                 .too_large = Code::head_too_large,
                                 .version = Code::unsupported_version};
constexpr HeadCodes peer_codes{.malformed = Code::malformed_peer,
                               .too_large = Code::malformed_peer,
                               .version = Code::malformed_peer};

Fault malformed(std::string what) {
  return {.code = Code::malformed_request, .message = std::move(what)};
}

// "HTTP/1.1" and "HTTP/1.0"; `old` says which.
Status parse_version(std::string_view text, bool& old, const HeadCodes& codes) {
  old = text == "HTTP/1.0";
  if (old || text == "HTTP/1.1") {
    return {};
  }
  const bool other = text.size() == 8 && text.starts_with("HTTP/") && text[5] >= '0' &&
                     text[5] <= '9' && text[6] == '.' && text[7] >= '0' && text[7] <= '9';
  if (other) {
    return Fault{.code = codes.version,
                 .message = "The head is of another version than HTTP/1.1 or HTTP/1.0."};
  }
  return Fault{.code = codes.malformed, .message = "The first line has no HTTP version."};
}

Status split_path(std::string_view text, RequestHead& head) {
  const auto mark = text.find('?');
  head.path = text.substr(0, mark);
  head.query = mark == std::string_view::npos ? std::string_view() : text.substr(mark + 1);
  if (!is_path(head.path) || !is_query(head.query)) {
    return malformed("The request target has a character that must be percent-encoded.");
  }
  return {};
}

// Sets path and query, and of an absolute target also the host.
Status parse_target(RequestHead& head) {
  if (head.target.starts_with('/')) {
    return split_path(head.target, head);
  }
  if (head.target == "*" && head.method == "OPTIONS") {
    head.path = head.target;
    return {};
  }
  const bool plain = equal_ignoring_case(head.target.substr(0, 7), "http://");
  const bool tls = equal_ignoring_case(head.target.substr(0, 8), "https://");
  if ((!plain && !tls) || head.method == "CONNECT") {
    return malformed("The request target is neither a path nor an http or https URL.");
  }
  const auto rest = head.target.substr(plain ? 7 : 8);
  const auto authority_end = std::min(rest.find_first_of("/?"), rest.size());
  head.host = rest.substr(0, authority_end);
  if (head.host.empty() || !is_authority(head.host)) {
    return malformed("The host in the request target is not valid.");
  }
  TRY_DO(split_path(rest.substr(authority_end), head));
  if (head.path.empty()) {
    head.path = head.method == "OPTIONS" && head.query.empty() ? "*" : "/";
  }
  return {};
}

Status parse_request_line(std::string_view line, RequestHead& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return malformed("The first line is not 'METHOD target HTTP/1.1'.");
  }
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  if (!is_token(head.method)) {
    return malformed("The method has a character that methods may not have.");
  }
  TRY_DO(parse_version(line.substr(last + 1), head.old_version, client_codes));
  return parse_target(head);
}

Status apply_facts(const HeadFacts& facts, RequestHead& head) {
  if (!facts.host && !head.old_version) {
    return malformed("The head has no Host, which HTTP/1.1 requires.");
  }
  if (facts.host && !is_authority(*facts.host)) {
    return malformed("Host is not a host name with an optional port.");
  }
  if (facts.chunked && head.old_version) {
    return malformed("HTTP/1.0 knows no Transfer-Encoding.");
  }
  if (head.host.empty()) {
    head.host = facts.host.value_or("");
  }
  if (facts.chunked) {
    head.framing = Framing::chunked();
  } else if (facts.content_length) {
    head.framing = Framing::of_length(*facts.content_length);
  }
  head.keep_alive = !facts.close && (!head.old_version || facts.keep_alive);
  head.expects_continue = facts.expects_continue && !head.old_version;
  head.expects_unknown = facts.expects_unknown;
  return {};
}

// "HTTP/1.1 200 OK"; some engines leave out the space behind the status.
Status parse_status_line(std::string_view line, ResponseHead& head) {
  TRY_DO(parse_version(line.substr(0, 8), head.old_version, peer_codes));
  const auto digit = [&](std::size_t at) { return line[at] - '0'; };
  bool fine = line.size() >= 12 && line[8] == ' ' && (line.size() == 12 || line[12] == ' ');
  for (std::size_t at = 9; fine && at < 12; ++at) {
    fine = digit(at) >= 0 && digit(at) <= 9;
  }
  if (fine) {
    head.status = digit(9) * 100 + digit(10) * 10 + digit(11);
    head.reason = line.size() > 13 ? trimmed(line.substr(13)) : std::string_view();
    fine = head.status >= 100 && head.status <= 599 && is_field_value(head.reason);
  }
  if (!fine) {
    return Fault{.code = Code::malformed_peer,
                 .message = "The first line of the answer is not 'HTTP/1.1 status reason'."};
  }
  return {};
}

Status apply_facts(const HeadFacts& facts, std::string_view request_method, ResponseHead& head) {
  if (facts.chunked && head.old_version) {
    return Fault{.code = Code::malformed_peer, .message = "HTTP/1.0 knows no Transfer-Encoding."};
  }
  if (head.status == 101) {
    return Fault{.code = Code::malformed_peer,
                 .message = "The peer switched to a protocol that nobody asked for."};
  }
  const bool bare =
      request_method == "HEAD" || head.status < 200 || head.status == 204 || head.status == 304;
  if (bare) {
    head.framing = Framing::none();
  } else if (facts.chunked) {
    head.framing = Framing::chunked();
  } else if (facts.content_length) {
    head.framing = Framing::of_length(*facts.content_length);
  } else {
    head.framing = Framing::until_close();
  }
  head.keep_alive = !facts.close && (!head.old_version || facts.keep_alive) &&
                    head.framing.kind != Framing::Kind::until_close;
  return {};
}

// An empty head that keeps the memory of the last one.
template <class Head>
void start_over(Head& head, std::string_view bytes) {
  Head fresh;
  fresh.fields = std::move(head.fields);
  fresh.fields.reset(bytes);
  head = std::move(fresh);
}

}  // namespace

Result<std::size_t> parse_request_head(std::string_view buffered, RequestHead& head) {
  if (!buffered.empty() && buffered.front() != '\r' && !is_token(buffered.substr(0, 1))) {
    return malformed("The connection does not begin with an HTTP/1.1 request.");
  }
  TRY(const auto end, find_head_end(buffered, head.looked_at, client_codes));
  if (end == 0) {
    return end;
  }
  start_over(head, buffered);
  auto lines = buffered.substr(0, end);
  if (lines.starts_with("\r\n")) {
    lines.remove_prefix(2);
  }
  TRY_DO(parse_request_line(take_line(lines), head));
  TRY(const auto facts, parse_fields(lines, head.fields, client_codes));
  TRY_DO(apply_facts(facts, head));
  return end;
}

Result<std::size_t> parse_response_head(std::string_view buffered, std::string_view request_method,
                                        ResponseHead& head) {
  if (!buffered.empty() && buffered.front() != 'H') {
    return Fault{.code = Code::malformed_peer,
                 .message = "The answer does not begin with an HTTP/1.1 head."};
  }
  TRY(const auto end, find_head_end(buffered, head.looked_at, peer_codes));
  if (end == 0) {
    return end;
  }
  start_over(head, buffered);
  auto lines = buffered.substr(0, end);
  TRY_DO(parse_status_line(take_line(lines), head));
  TRY(const auto facts, parse_fields(lines, head.fields, peer_codes));
  TRY_DO(apply_facts(facts, request_method, head));
  return end;
}

}  // namespace portolan::wire

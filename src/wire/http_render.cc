#include "wire/http_render.h"

#include <fmt/format.h>

#include <iterator>

#include "base/check.h"

namespace portolan::wire {
namespace {

// The fields that framing and `keep_alive` make.
bool is_made_here(std::string_view name) {
  return equal_ignoring_case(name, "content-length") ||
         equal_ignoring_case(name, "transfer-encoding") || equal_ignoring_case(name, "connection");
}

void append_field(std::string& out, Field field) {
  check(is_token(field.name), "a field's name is a token");
  check(is_field_value(field.value), "a field's value holds no control character");
  out.append(field.name).append(": ").append(field.value).append("\r\n");
}

void append_framing(std::string& out, Framing framing) {
  switch (framing.kind) {
    case Framing::Kind::none:
    case Framing::Kind::until_close:
      return;
    case Framing::Kind::length:
      fmt::format_to(std::back_inserter(out), "content-length: {}\r\n", framing.length);
      return;
    case Framing::Kind::chunked:
      out.append("transfer-encoding: chunked\r\n");
      return;
  }
}

void append_lines(std::string& out, std::span<const Field> fields, Framing framing,
                  bool keep_alive) {
  for (const Field& field : fields) {
    check(!is_made_here(field.name), "framing and connection fields are made from `framing`");
    append_field(out, field);
  }
  append_framing(out, framing);
  if (!keep_alive) {
    out.append("connection: close\r\n");
  }
  out.append("\r\n");
}

}  // namespace

void render_response_head(std::string& out, const ResponseLines& lines) {
  check(lines.status >= 100 && lines.status <= 599, "a status has three digits");
  check(lines.framing.kind != Framing::Kind::until_close || !lines.keep_alive,
        "a body that ends with its connection lets nothing follow");
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", lines.status,
                 reason_of(lines.status));
  append_lines(out, lines.fields, lines.framing, lines.keep_alive);
}

void render_request_head(std::string& out, const RequestLines& lines) {
  check(is_token(lines.method), "a method is a token");
  check(!lines.target.empty() && is_field_value(lines.target) &&
            lines.target.find_first_of(" \t") == std::string_view::npos,
        "a request target has no space");
  check(lines.framing.kind != Framing::Kind::until_close, "a request's body has a stated end");
  out.append(lines.method).append(" ").append(lines.target).append(" HTTP/1.1\r\n");
  append_field(out, {.name = "host", .value = lines.host});
  append_lines(out, lines.fields, lines.framing, lines.keep_alive);
}

std::string_view reason_of(int status) {
  switch (status) {
      // clang-format off
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 103: return "Early Hints";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 207: return "Multi-Status";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 407: return "Proxy Authentication Required";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 424: return "Failed Dependency";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 451: return "Unavailable For Legal Reasons";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Unknown";
      // clang-format on
  }
}

}  // namespace portolan::wire

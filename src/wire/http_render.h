#pragma once

#include <span>
#include <string>
#include <string_view>

#include "wire/fields.h"
#include "wire/http_head.h"

namespace portolan::wire {

// The head of a response to be sent. Content-Length, Transfer-Encoding and
// Connection are made from `framing` and `keep_alive`; `fields` must not hold
// them. Framing::none() says nothing about a body: for 1xx, 204, 304.
struct ResponseLines {
  int status = 200;
  Framing framing = {};
  bool keep_alive = true;
  std::span<const Field> fields = {};
};

// The head of a request to be sent; Host is made from `host`.
struct RequestLines {
  std::string_view method = {};
  std::string_view target = {};
  std::string_view host = {};
  Framing framing = {};
  bool keep_alive = true;
  std::span<const Field> fields = {};
};

// Both append an HTTP/1.1 head with its empty line. A name that is no token or
// a value that is_field_value() refuses is a bug of ours and ends the process:
// what a peer sent in a head was checked when it was parsed, and other text is
// to be asked about before. Nothing is dropped in silence.
void render_response_head(std::string& out, const ResponseLines& lines);
void render_request_head(std::string& out, const RequestLines& lines);

// The standard phrase of a status, or "Unknown".
std::string_view reason_of(int status);

}  // namespace portolan::wire

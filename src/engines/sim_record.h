#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/http_head.h"

namespace portolan::engines {

// One request as a line of JSON: {"at_ms":...,"engine":"...","method":"...",
// "target":"...","fields":[["name","value"],...],"body":"<base64>"}. Bytes of
// fields that are not UTF-8 become U+FFFD; the body is exact.
struct RecordedRequest {
  std::int64_t at_ms = 0;  // Unix
  std::string_view engine;
  const wire::RequestHead& head;
  std::string_view body;
};
std::string render_record(const RecordedRequest& request);

// RFC 4648 section 4, with padding.
std::string render_base64(std::string_view bytes);

}  // namespace portolan::engines

#include "engines/sim_record.h"

#include "wire/json_writer.h"

namespace portolan::engines {

std::string render_base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = (bits << 8) | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= group.size() ? digits[(bits >> (18 - 6 * i)) & 63] : '=';
    }
  }
  return out;
}

std::string render_record(const RecordedRequest& request) {
  std::string line;
  wire::JsonWriter json(line);
  json.begin_object().member("at_ms", request.at_ms).member("engine", request.engine);
  json.member("method", request.head.method).member("target", request.head.target);
  json.key("fields").begin_array();
  for (const wire::Field field : request.head.fields) {
    json.begin_array().value(field.name).value(field.value).end_array();
  }
  json.end_array().member("body", render_base64(request.body)).end_object();
  line += '\n';
  return line;
}

}  // namespace portolan::engines

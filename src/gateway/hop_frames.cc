#include "gateway/hop_frames.h"

#include "wire/fields.h"
#include "wire/json_value.h"

namespace portolan::gateway {

std::string render_answer_head(const AnswerHead& head) {
  wire::Json fields = wire::Json::array();
  for (const http::OwnedField& field : head.fields) {
    fields.push(wire::Json(wire::Json::Array{field.name, field.value}));
  }
  wire::Json json = wire::Json::object();
  json.set("status", head.status).set("fields", std::move(fields)).set("stream", head.stream);
  return wire::render_canonical(json);
}

Result<AnswerHead> parse_answer_head(std::string_view payload) {
  TRY(const wire::Json json, wire::parse_json(payload, Code::malformed_peer));
  const Fault malformed{Code::malformed_peer, Retry::elsewhere, "a head frame is malformed"};
  const wire::Json* status = json.find("status");
  const wire::Json* fields = json.find("fields");
  const wire::Json* stream = json.find("stream");
  if (status == nullptr || fields == nullptr || stream == nullptr) return malformed;
  const auto number = status->as_int64();
  if (!number || *number < 200 || *number > 599) return malformed;
  if (fields->as_array() == nullptr || stream->as_bool() == nullptr) return malformed;
  AnswerHead head{.status = static_cast<int>(*number), .fields = {}, .stream = *stream->as_bool()};
  for (const wire::Json& field : *fields->as_array()) {
    const wire::Json::Array* pair = field.as_array();
    if (pair == nullptr || pair->size() != 2) return malformed;
    const std::string* name = (*pair)[0].as_string();
    const std::string* value = (*pair)[1].as_string();
    if (name == nullptr || value == nullptr) return malformed;
    if (!wire::is_token(*name) || !wire::is_field_value(*value)) return malformed;
    head.fields.push_back({*name, *value});
  }
  return head;
}

Result<std::optional<wire::Frame>> FrameReader::next() {
  TRY(auto frame, wire::parse_frame(std::string_view(unread_).substr(taken_)));
  if (frame) {
    taken_ += frame->consumed;
    return frame;
  }
  unread_.erase(0, taken_);
  taken_ = 0;
  return std::optional<wire::Frame>();
}

}  // namespace portolan::gateway

#include "gateway/receipt_hop.h"

#include "wire/json_cursor.h"
#include "wire/json_value.h"

namespace portolan::gateway {
namespace {

using wire::Json;

constexpr std::uint64_t format_major = 1;
constexpr std::uint64_t format_minor = 0;

Json begin(std::string_view kind) {
  Json json = Json::object();
  json.set("kind", kind).set("major", format_major).set("minor", format_minor);
  return json;
}

Status check_form(const wire::JsonCursor& json, std::string_view kind) {
  TRY(const std::string_view found, json.text("kind"));
  TRY(const std::uint64_t major, json.count("major"));
  if (found != kind) return json.fault("kind: it is of another kind");
  if (major == format_major) return {};
  return Fault{Code::unsupported_version, Retry::never,
               "the " + std::string(kind) + " is of a version that is not known here"};
}

}  // namespace

std::string render_receipt_question(const ReceiptQuestion& question) {
  Json json = begin("receipt-question");
  json.set("request_id", question.request_id);
  json.set("source", question.source == ReceiptSource::close ? "close" : "exec");
  json.set("workspace", question.workspace);
  json.set("key_id", question.key_id);
  return wire::render_canonical(json);
}

Result<ReceiptQuestion> parse_receipt_question(std::string_view text) {
  TRY(const Json json, wire::parse_json(text, Code::malformed_peer));
  const wire::JsonCursor cursor(json, Code::malformed_peer);
  TRY_DO(check_form(cursor, "receipt-question"));
  ReceiptQuestion question;
  TRY(question.request_id, cursor.text("request_id"));
  TRY(question.workspace, cursor.text("workspace"));
  TRY(question.key_id, cursor.text("key_id"));
  TRY(const std::string_view source, cursor.text("source"));
  if (source != "close" && source != "exec") return cursor.fault("source: not known here");
  question.source = source == "close" ? ReceiptSource::close : ReceiptSource::exec;
  return question;
}

std::string render_receipt_answer(const Result<ReceiptAnswer>& answer) {
  Json json = begin("receipt-answer");
  if (answer) {
    json.set("receipt", answer->receipt);
    json.set("executor_zone", answer->executor_zone);
    json.set("executor_gateway", answer->executor_gateway);
  } else {
    json.set("code", name_of(answer.error().code));
    json.set("message", answer.error().message);
  }
  return wire::render_canonical(json);
}

Result<ReceiptAnswer> parse_receipt_answer(std::string_view text) {
  TRY(const Json json, wire::parse_json(text, Code::malformed_peer));
  const wire::JsonCursor cursor(json, Code::malformed_peer);
  TRY_DO(check_form(cursor, "receipt-answer"));
  if (cursor.find("code")) {
    TRY(const std::string_view code, cursor.text("code"));
    TRY(const std::string_view message, cursor.text("message"));
    return Fault{code_named(code).value_or(Code::receipt_unavailable), Retry::never,
                 std::string(message)};
  }
  ReceiptAnswer answer;
  TRY(answer.receipt, cursor.text("receipt"));
  TRY(answer.executor_zone, cursor.text("executor_zone"));
  TRY(answer.executor_gateway, cursor.text("executor_gateway"));
  return answer;
}

}  // namespace portolan::gateway

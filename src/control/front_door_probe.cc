#include "control/front_door_probe.h"

#include <fmt/format.h>

#include <utility>

#include "control/opening_limits.h"
#include "http/client.h"
#include "runtime/combine.h"
#include "wire/json_value.h"
#include "wire/sse.h"
#include "wire/url.h"

namespace portolan::control {
namespace {

using wire::Json;

constexpr std::string_view said_by_probe = "Say one word about the sea.";

Json body_of(const FrontDoorQuestion& question) {
  auto message = Json::object();
  message.set("role", "user").set("content", said_by_probe);
  auto body = Json::object();
  body.set("model", question.model);
  body.set("messages", Json::array().push(std::move(message)));
  body.set("max_tokens", opening_probe_tokens.value);
  body.set("temperature", 0);
  body.set("stream", question.streamed);
  if (question.streamed) body.set("stream_options", Json::object().set("include_usage", true));
  if (!question.only.empty()) {
    auto only = Json::array();
    for (const auto& zone : question.only) only.push(zone);
    body.set("portolan", Json::object().set("only", std::move(only)));
  }
  return body;
}

http::OwnedFields fields_of(const FrontDoorQuestion& question) {
  http::OwnedFields fields = {{"authorization", "Bearer " + question.key},
                              {"content-type", "application/json"},
                              {"portolan-timeout-ms", std::to_string(opening_probe_ms_max.value)}};
  if (!question.scope.empty()) fields.push_back({"portolan-scope", question.scope});
  return fields;
}

std::string target_of(const wire::Url& url) {
  const bool has_version = url.path_prefix.ends_with("/v1");
  return url.path_prefix + (has_version ? "/chat/completions" : "/v1/chat/completions");
}

void read_usage(const Json& said, FrontDoorProbe& probe) {
  const auto* usage = said.find("usage");
  if (usage == nullptr) return;
  const auto* prompt = usage->find("prompt_tokens");
  const auto* completion = usage->find("completion_tokens");
  if (prompt != nullptr) probe.prompt_tokens = prompt->as_uint64();
  if (completion != nullptr) probe.completion_tokens = completion->as_uint64();
}

// Whether it tells of an error.
bool read_error(const Json& said, FrontDoorProbe& probe) {
  const auto* error = said.find("error");
  if (error == nullptr) return false;
  const auto* code = error->find("code");
  if (code != nullptr && code->as_string() != nullptr) probe.code = *code->as_string();
  const auto* message = error->find("message");
  if (message != nullptr && message->as_string() != nullptr) probe.why = *message->as_string();
  if (probe.why.empty()) probe.why = "It answers an error that says nothing.";
  return true;
}

// Of any status but 200: by its code, which says it all.
void read_refusal(const std::string& body, FrontDoorProbe& probe) {
  const auto said = wire::parse_json(body, Code::malformed_peer);
  if (said && read_error(*said, probe) && !probe.code.empty()) {
    probe.why.clear();
    return;
  }
  probe.why = fmt::format("It answers {} with no error that Portolan knows.", probe.status);
}

void read_whole(const std::string& body, FrontDoorProbe& probe) {
  const auto said = wire::parse_json(body, Code::malformed_peer);
  if (!said) {
    probe.why = "The answer is no JSON: " + said.error().message;
    return;
  }
  if (read_error(*said, probe)) return;
  read_usage(*said, probe);
  const auto* choices = said->find("choices");
  const bool answered =
      choices != nullptr && choices->as_array() != nullptr && !choices->as_array()->empty();
  probe.whole = answered;
  if (!answered) probe.why = "The answer has no choice in it.";
}

// What one event of a stream says; whether it is the last one.
bool read_event(std::string_view data, FrontDoorProbe& probe, bool& answered) {
  if (data == "[DONE]") return true;
  const auto said = wire::parse_json(data, Code::malformed_peer);
  if (!said) {
    probe.why = "An event of the stream is no JSON: " + said.error().message;
    return false;
  }
  if (read_error(*said, probe)) return false;
  read_usage(*said, probe);
  const auto* choices = said->find("choices");
  if (choices != nullptr && choices->as_array() != nullptr && !choices->as_array()->empty()) {
    answered = true;
  }
  return false;
}

void read_stream(std::string_view body, FrontDoorProbe& probe) {
  wire::SseSplitter splitter;
  bool done = false;
  bool answered = false;
  while (!body.empty() && !done && probe.why.empty()) {
    const auto length = splitter.last(body);
    if (!length || *length == 0) break;
    std::string joined;
    const auto event = wire::parse_event(body.substr(0, *length), joined);
    if (event.has_data) done = read_event(event.data, probe, answered);
    body.remove_prefix(*length);
  }
  if (!probe.why.empty()) return;
  if (!done) {
    probe.why = "The stream ended without [DONE].";
  } else if (!answered) {
    probe.why = "The stream has no choice in it.";
  }
  probe.whole = probe.why.empty();
}

runtime::Task<Status> converse(http::Pool& pool, FrontDoorQuestion question, std::string target,
                               Instant deadline, FrontDoorProbe& probe) {
  CO_TRY(auto exchange, co_await pool.connect(deadline));
  auto fields = fields_of(question);
  auto body = wire::render_canonical(body_of(question));
  CO_TRY_DO(co_await exchange.send("POST", std::move(target), std::move(fields), std::move(body)));
  CO_TRY(const wire::ResponseHead* head, co_await exchange.read_head());
  probe.status = static_cast<std::uint64_t>(head->status);
  probe.request_id = head->fields.find("portolan-request-id").value_or("");
  probe.computed_in = head->fields.find("portolan-zone").value_or("");
  CO_TRY(const auto answer, co_await exchange.read_all(opening_probe_bytes_max.count()));
  if (probe.status != 200) {
    read_refusal(answer, probe);
  } else if (question.streamed) {
    read_stream(answer, probe);
  } else {
    read_whole(answer, probe);
  }
  co_return Status{};
}

std::string sentence_of(const Fault& fault, const FrontDoorProbe& probe) {
  if (fault.code == Code::deadline_exceeded) {
    return fmt::format("There was no whole answer within {} ms.", opening_probe_ms_max.value);
  }
  return (probe.status == 0 ? "There was no answer: " : "The answer broke off: ") + fault.message;
}

}  // namespace

runtime::Task<FrontDoorProbe> probe_front_door(runtime::Shard& shard,
                                               std::shared_ptr<const runtime::Credentials> trust,
                                               FrontDoorQuestion question) {
  FrontDoorProbe probe{.door = question.door,
                       .gateway = question.gateway,
                       .zone = question.zone,
                       .model = question.model,
                       .streamed = question.streamed};
  const auto url = wire::parse_url(question.door);
  if (!url) {
    probe.why = "Its URL cannot be used: " + url.error().message;
    co_return probe;
  }
  if (url->tls && trust == nullptr) {
    probe.why = "Its certificate cannot be verified: this control trusts no public authority.";
    co_return probe;
  }
  http::Origin origin;
  origin.address = {url->host, url->port};
  if (url->tls) {
    origin.credentials = std::move(trust);
    origin.server_name = url->host;
  }
  http::Pool pool(shard, std::move(origin));
  const Instant deadline = shard.now() + opening_probe_ms_max.milliseconds();
  auto talk = converse(pool, std::move(question), target_of(*url), deadline, probe);
  const Status ended = co_await runtime::until(shard, deadline, std::move(talk));
  co_await pool.close();
  if (!ended) probe.why = sentence_of(ended.error(), probe);
  co_return probe;
}

}  // namespace portolan::control

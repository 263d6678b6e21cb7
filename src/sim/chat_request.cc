#include "sim/chat_request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sstream>
#include <utility>
#include <vector>

#include "http/client.h"
#include "runtime/combine.h"
#include "sim/marker_watch.h"
#include "wire/json_value.h"
#include "wire/sse.h"

namespace portolan::sim {
namespace {

http::OwnedFields fields_of(const ChatRequest& request) {
  http::OwnedFields fields = {
      {"authorization", "Bearer " + request.key},
      {"content-type", "application/json"},
      {"traceparent", fmt::format("00-{}-00000000000000aa-01", trace_id_of(request.number))},
      {"portolan-timeout-ms", std::to_string(request_deadline.milliseconds())}};
  if (!request.question.scope.empty()) fields.push_back({"portolan-scope", request.question.scope});
  return fields;
}

std::string prompt_of(const ChatRequest& request) {
  return fmt::format("What is on {} of the sea?", marker_of(request.number));
}

// The body's member that narrows, with the comma behind it; or nothing.
std::string narrowing_of(const Question& question) {
  const auto list = [](std::string_view name, const std::vector<std::string>& places) {
    return fmt::format(R"("{}":["{}"])", name, fmt::join(places, R"(",")"));
  };
  std::vector<std::string> lists;
  if (!question.only.empty()) lists.push_back(list("only", question.only));
  if (!question.ignore.empty()) lists.push_back(list("ignore", question.ignore));
  if (lists.empty()) return {};
  return fmt::format(R"("portolan":{{{}}},)", fmt::join(lists, ","));
}

runtime::Task<Status> converse(http::Pool& pool, Sighting& seen) {
  CO_TRY(auto exchange, co_await pool.connect(Instant::never()));
  std::string body = render_chat_body(seen.asked);
  CO_TRY_DO(co_await exchange.send("POST", "/v1/chat/completions", fields_of(seen.asked),
                                   std::move(body)));
  CO_TRY(const wire::ResponseHead* head, co_await exchange.read_head());
  seen.status = head->status;
  seen.request_id = head->fields.find("portolan-request-id").value_or("");
  seen.zone = head->fields.find("portolan-zone").value_or("");
  seen.world = head->fields.find("portolan-world").value_or("");
  for (;;) {
    CO_TRY(const std::string_view piece, co_await exchange.read_some());
    if (piece.empty()) co_return Status{};
    seen.body += piece;
  }
}

const wire::Json* member(const wire::Json* json, std::string_view name) {
  return json == nullptr ? nullptr : json->find(name);
}

// choices[0].<part>.content, where there is such.
std::string content_of(const wire::Json& json, std::string_view part) {
  const wire::Json* choices = json.find("choices");
  if (choices == nullptr || choices->as_array() == nullptr || choices->as_array()->empty()) {
    return {};
  }
  const wire::Json* content = member(member(&choices->as_array()->front(), part), "content");
  const std::string* text = content == nullptr ? nullptr : content->as_string();
  return text == nullptr ? std::string() : *text;
}

std::optional<std::string> text_of_stream(std::string_view body) {
  wire::SseSplitter splitter;
  std::string text;
  bool done = false;
  while (!body.empty()) {
    const auto length = splitter.last(body);
    if (!length || *length == 0) return std::nullopt;
    std::string joined;
    const wire::SseEvent event = wire::parse_event(body.substr(0, *length), joined);
    body.remove_prefix(*length);
    if (!event.has_data) continue;
    if (done) return std::nullopt;
    done = event.data == "[DONE]";
    if (done) continue;
    const auto json = wire::parse_json(event.data);
    if (!json || json->find("error") != nullptr) return std::nullopt;
    text += content_of(*json, "delta");
  }
  if (!done) return std::nullopt;
  return text;
}

}  // namespace

std::string_view name_of(Sighting::End end) {
  switch (end) {
    case Sighting::End::whole:
      return "whole";
    case Sighting::End::broken:
      return "broken";
    case Sighting::End::silent:
      return "silent";
    case Sighting::End::left:
      return "left";
  }
  std::unreachable();
}

std::string trace_id_of(std::size_t number) { return fmt::format("{:032x}", number + 1); }

std::string render_chat_body(const ChatRequest& request) {
  return fmt::format(
      R"({{"model":"chat",{}"messages":[{{"role":"user","content":"{}"}}],)"
      R"("stream":{},"max_tokens":{}}})",
      narrowing_of(request.question), prompt_of(request), request.stream, request.tokens);
}

runtime::Task<Sighting> ask_chat(runtime::Shard& shard, runtime::Address front_door,
                                 ChatRequest request) {
  Sighting seen;
  seen.asked = std::move(request);
  seen.began = shard.now();
  const Duration patience = request_deadline + patience_margin;
  const bool leaves = seen.asked.leaves_after && *seen.asked.leaves_after < patience;
  const Instant deadline = seen.began + (leaves ? *seen.asked.leaves_after : patience);
  http::Pool pool(shard, http::Origin{front_door, nullptr, {}, {}});
  auto talk = converse(pool, seen);
  const Status ended = co_await runtime::until(shard, deadline, std::move(talk));
  co_await pool.close();
  seen.ended = shard.now();
  if (ended) {
    seen.end = Sighting::End::whole;
  } else if (ended.error().code == Code::deadline_exceeded) {
    seen.end = leaves ? Sighting::End::left : Sighting::End::silent;
  } else {
    seen.end = Sighting::End::broken;
  }
  co_return seen;
}

std::optional<std::string> text_of(const Sighting& sighting) {
  if (sighting.asked.stream) return text_of_stream(sighting.body);
  const auto json = wire::parse_json(sighting.body);
  if (!json) return std::nullopt;
  return content_of(*json, "message");
}

std::string expected_text(const ChatRequest& request) {
  std::vector<std::string> words;
  std::istringstream prompt(prompt_of(request));
  for (std::string word; prompt >> word;) words.push_back(word);
  std::string text;
  for (std::size_t at = 0; at < request.tokens; ++at) {
    text += (at == 0 ? "" : " ") + words[at % words.size()];
  }
  return text;
}

}  // namespace portolan::sim

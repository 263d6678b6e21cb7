#include "engines/sim_request.h"

#include <sstream>
#include <utility>

#include "wire/json_value.h"

namespace portolan::engines {
namespace {

using wire::Json;
using wire::JsonKind;

constexpr char message_begin = '\x02';
constexpr char message_end = '\x03';

// A content is a string, null, or an array of parts of which texts count.
bool append_content(std::string& prompt, const Json* content) {
  if (content == nullptr || content->kind() == JsonKind::null) return true;
  if (const auto* text = content->as_string()) {
    prompt += *text;
    return true;
  }
  const auto* parts = content->as_array();
  if (parts == nullptr) return false;
  for (const Json& part : *parts) {
    const Json* text = part.find("text");
    if (text != nullptr && text->as_string() != nullptr) prompt += *text->as_string();
  }
  return true;
}

std::expected<std::string, SimError> prompt_of(const Json& body, bool chat,
                                               const SimTraits& traits) {
  if (chat) return prompt_of_messages(body, traits);
  const Json* prompt = body.find("prompt");
  if (prompt == nullptr || prompt->as_string() == nullptr) {
    return std::unexpected(invalid_request("\"prompt\" must be a string"));
  }
  return *prompt->as_string();
}

// Of the last message, or of a completion's prompt.
std::vector<std::string> words_of(const Json& body, bool chat) {
  std::string text;
  const Json* messages = chat ? body.find("messages") : nullptr;
  if (messages != nullptr && !messages->as_array()->empty()) {
    append_content(text, messages->as_array()->back().find("content"));
  } else if (!chat) {
    append_content(text, body.find("prompt"));
  }
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(" " + word);
  return words;
}

std::expected<bool, SimError> flag_of(const Json* object, std::string_view name) {
  const Json* flag = object == nullptr ? nullptr : object->find(name);
  if (flag == nullptr || flag->kind() == JsonKind::null) return false;
  if (flag->as_bool() == nullptr) {
    return std::unexpected(invalid_request("Field '" + std::string(name) + "' must be boolean"));
  }
  return *flag->as_bool();
}

std::expected<void, SimError> read_tokens_max(const Json& body, SimRequest& request) {
  for (const std::string_view name : {"max_completion_tokens", "max_tokens"}) {
    const Json* bound = body.find(name);
    if (bound == nullptr || bound->kind() == JsonKind::null) continue;
    const auto value = bound->as_int64();
    if (!value) {
      return std::unexpected(invalid_request("Field '" + std::string(name) + "' must be number"));
    }
    if (*value >= 0) request.tokens_max = static_cast<std::size_t>(*value);
    return {};
  }
  return {};
}

struct Flag {
  const Json* object;
  std::string_view name;
  bool& into;
};

bool is_system(const Json& message) {
  const Json* role = message.find("role");
  return role != nullptr && role->as_string() != nullptr && *role->as_string() == "system";
}

}  // namespace

std::expected<std::string, SimError> prompt_of_messages(const Json& body, const SimTraits& traits) {
  const Json* messages = body.find("messages");
  if (messages == nullptr) return std::unexpected(invalid_request("'messages' is required"));
  if (messages->as_array() == nullptr) {
    return std::unexpected(invalid_request("Expected 'messages' to be an array"));
  }
  const auto& array = *messages->as_array();
  std::string prompt;
  if (traits.other_template && (array.empty() || !is_system(array.front()))) {
    prompt += message_begin + std::string("system\nYou are another engine.") + message_end;
  }
  for (const Json& message : array) {
    const Json* role = message.find("role");
    if (role == nullptr || role->as_string() == nullptr) {
      return std::unexpected(invalid_request("Missing 'role' in message"));
    }
    prompt += message_begin + *role->as_string() + '\n';
    if (!append_content(prompt, message.find("content"))) {
      return std::unexpected(invalid_request("Invalid 'content' type"));
    }
    prompt += message_end;
  }
  prompt += message_begin + std::string("assistant\n");
  return prompt;
}

std::size_t token_bytes_of(const SimTraits& traits) {
  return traits.other_tokenizer ? token_bytes_max / 2 : token_bytes_max;
}

std::expected<SimRequest, SimError> parse_sim_request(std::string_view body, bool chat,
                                                      const SimTraits& traits) {
  auto json = wire::parse_json(body);
  if (!json) return std::unexpected(invalid_request(std::move(json).error().message));
  if (json->as_object() == nullptr) {
    return std::unexpected(invalid_request("the body must be an object"));
  }
  SimRequest request;
  request.chat = chat;
  const Json* options = json->find("stream_options");
  for (const Flag& flag : {Flag{&*json, "stream", request.stream},
                           Flag{&*json, "timings_per_token", request.timings_per_token},
                           Flag{options, "include_usage", request.include_usage},
                           Flag{options, "continuous_usage_stats", request.continuous_usage}}) {
    const auto value = flag_of(flag.object, flag.name);
    if (!value) return std::unexpected(value.error());
    flag.into = *value;
  }
  if (const auto read = read_tokens_max(*json, request); !read) {
    return std::unexpected(read.error());
  }
  const auto prompt = prompt_of(*json, chat, traits);
  if (!prompt) return std::unexpected(prompt.error());
  request.prompt = tokenize(*prompt, token_bytes_of(traits));
  request.words = words_of(*json, chat);
  return request;
}

}  // namespace portolan::engines

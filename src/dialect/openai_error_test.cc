#include "dialect/openai_error.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "wire/json_value.h"

namespace portolan::dialect {
namespace {

using wire::Json;

std::string field(const ErrorAnswer& answer, std::string_view name) {
  const auto found = std::ranges::find(answer.fields, name, &Header::name);
  return found == answer.fields.end() ? "" : found->value;
}

Json error_of(std::string_view body) {
  const auto parsed = wire::parse_json(body);
  EXPECT_TRUE(parsed) << body;
  const Json* error = parsed ? parsed->find("error") : nullptr;
  return error == nullptr ? Json() : *error;
}

std::string text(const Json& error, std::string_view name) {
  const Json* member = error.find(name);
  return member != nullptr && member->as_string() != nullptr ? *member->as_string() : "";
}

TEST(OpenAiError, SaysWhatHappenedWhatToDoAndTheRequest) {
  const auto answer =
      render_error({.code = Code::invalid_parameter, .message = "'model' is empty."},
                   {.request_id = "r-1", .param = "model"});
  EXPECT_EQ(answer.status, 400);
  const Json error = error_of(answer.body);
  EXPECT_EQ(text(error, "message"),
            "'model' is empty. Correct the request; the sentence names the place. (request r-1)");
  EXPECT_EQ(text(error, "type"), "invalid_request_error");
  EXPECT_EQ(text(error, "param"), "model");
  EXPECT_EQ(text(error, "code"), "invalid_parameter");
  EXPECT_EQ(text(error, "request_id"), "r-1");
  EXPECT_EQ(text(error, "retry"), "never");
  EXPECT_EQ(field(answer, "content-type"), "application/json");
}

TEST(OpenAiError, NoParamIsNull) {
  const auto answer = render_error({.code = Code::malformed_json, .message = ""}, {});
  EXPECT_TRUE(answer.body.contains(R"("param":null)"));
}

TEST(OpenAiError, NoSentenceOfAPeerOrDiskGetsOut) {
  for (std::size_t i = 0; i < code_count; ++i) {
    const auto code = static_cast<Code>(i);
    const auto answer = render_error({.code = code, .message = "http://10.0.0.7:9101"}, {});
    EXPECT_EQ(answer.body.contains("10.0.0.7"), shown_code(code) == code) << name_of(code);
    EXPECT_EQ(answer.status, facts_of(shown_code(code)).http_status);
    EXPECT_NE(answer.status, 500) << name_of(code);
    EXPECT_NE(text(error_of(answer.body), "message"), "") << name_of(code);
  }
}

TEST(OpenAiError, WhatIsShownIsShownAsItself) {
  for (std::size_t i = 0; i < code_count; ++i) {
    const Code shown = shown_code(static_cast<Code>(i));
    EXPECT_EQ(shown_code(shown), shown) << name_of(shown);
  }
}

TEST(OpenAiError, AClientTriesAgainOnlyWhereItMayHelp) {
  const auto retried = [](Code code, Retry retry) {
    return field(render_error({.code = code, .retry = retry, .message = ""}, {}), "x-should-retry");
  };
  EXPECT_EQ(retried(Code::attempts_exhausted, Retry::never), "false");
  EXPECT_EQ(retried(Code::rate_limited, Retry::later), "true");
  EXPECT_EQ(retried(Code::draining, Retry::elsewhere), "true");
}

TEST(OpenAiError, ABusyAnswerSaysWhenToComeBack) {
  const auto wait = [](Code code, Duration after) {
    return field(render_error({.code = code, .message = ""}, {.retry_after = after}),
                 "retry-after");
  };
  EXPECT_EQ(wait(Code::rate_limited, Duration::milliseconds(1'001)), "2");
  EXPECT_EQ(wait(Code::scope_exhausted, Duration::milliseconds(0)), "1");
  EXPECT_EQ(wait(Code::scope_exhausted, Duration::seconds(30)), "30");
  EXPECT_EQ(wait(Code::invalid_parameter, Duration::seconds(30)), "");
}

TEST(OpenAiError, ARefusedKeyIsChallenged) {
  EXPECT_EQ(field(render_error({.code = Code::missing_key, .message = ""}, {}), "www-authenticate"),
            "Bearer realm=\"portolan\"");
  EXPECT_EQ(field(render_error({.code = Code::revoked_key, .message = ""}, {}), "www-authenticate"),
            "Bearer realm=\"portolan\", error=\"invalid_token\"");
  EXPECT_EQ(
      field(render_error({.code = Code::scope_denied, .message = ""}, {}), "www-authenticate"), "");
}

TEST(OpenAiError, AWrongMethodNamesTheRightOnes) {
  const auto answer =
      render_error({.code = Code::method_not_allowed, .message = ""}, {.allow = "POST"});
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(field(answer, "allow"), "POST");
}

TEST(OpenAiError, EveryStatusHasOpenAisType) {
  const auto type = [](Code code) {
    return text(error_of(render_error({.code = code, .message = ""}, {}).body), "type");
  };
  EXPECT_EQ(type(Code::unknown_key), "authentication_error");
  EXPECT_EQ(type(Code::scope_denied), "permission_error");
  EXPECT_EQ(type(Code::model_not_found), "not_found_error");
  EXPECT_EQ(type(Code::resource_conflict), "conflict_error");
  EXPECT_EQ(type(Code::rate_limited), "rate_limit_error");
  EXPECT_EQ(type(Code::body_too_large), "invalid_request_error");
  EXPECT_EQ(type(Code::scope_exhausted), "server_error");
}

TEST(OpenAiError, AStreamsErrorIsOneEvent) {
  std::string out = "data: {}\n\n";
  render_error_event(out, {.code = Code::engine_failed, .message = "Lost\nit."}, {});
  const std::string_view event = std::string_view(out).substr(10);
  ASSERT_TRUE(event.starts_with("data: {\"error\":{")) << event;
  EXPECT_TRUE(event.ends_with("}}\n\n"));
  EXPECT_EQ(std::ranges::count(event, '\n'), 2);
  EXPECT_TRUE(text(error_of(event.substr(6)), "message").starts_with("Lost\nit."));
}

}  // namespace
}  // namespace portolan::dialect

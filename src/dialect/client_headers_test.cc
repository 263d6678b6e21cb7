#include "dialect/client_headers.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace portolan::dialect {
namespace {

std::string value_of(const Headers& headers, std::string_view name) {
  const auto found = std::ranges::find(headers, name, &Header::name);
  return found == headers.end() ? "" : found->value;
}

// A head's fields and the bytes they are views of.
struct Head {
  std::string bytes;
  wire::Fields fields;

  explicit Head(const std::vector<Header>& from) {
    for (const Header& header : from) bytes += header.name + header.value;
    fields.reset(bytes.data());
    std::string_view rest = bytes;
    for (const Header& header : from) {
      fields.add({rest.substr(0, header.name.size()),
                  rest.substr(header.name.size(), header.value.size())});
      rest.remove_prefix(header.name.size() + header.value.size());
    }
  }
};

TEST(ClientHeaders, NoKeyCookieOrHopByHopFieldReachesAnEngine) {
  for (const char* name :
       {"authorization", "Authorization", "x-api-key", "cookie", "proxy-authorization",
        "portolan-scope", "portolan-receipt", "host", "connection", "transfer-encoding", "te",
        "content-length", "upgrade", "expect", "accept-encoding", "x-forwarded-for",
        "openai-organization", "user-agent"}) {
    EXPECT_FALSE(passes_to_engine(name)) << name;
  }
}

TEST(ClientHeaders, NothingThatNamesTheEngineReachesAClient) {
  for (const char* name : {"server", "set-cookie", "x-request-id", "via", "keep-alive", "date",
                           "access-control-allow-origin", "transfer-encoding", "content-length",
                           "location", "www-authenticate", "portolan-region"}) {
    EXPECT_FALSE(passes_to_client(name)) << name;
  }
  const Head answer({{"Server", "llama.cpp"}, {"Content-Type", "text/event-stream"}});
  EXPECT_EQ(client_headers(answer.fields), (Headers{{"content-type", "text/event-stream"}}));
}

TEST(ClientHeaders, WhatTheEngineNeedsPasses) {
  const Head request({{"Content-Type", "application/json"},
                      {"X-Api-Key", "ptl_x"},
                      {"Traceparent", "00-a-b-01"},
                      {"Accept", "*/*"}});
  const auto headers = engine_headers(request.fields, {}, "unused", "r-1");
  EXPECT_EQ(headers, (Headers{{"content-type", "application/json"},
                              {"traceparent", "00-a-b-01"},
                              {"accept", "*/*"},
                              {"portolan-request-id", "r-1"}}));
}

TEST(ClientHeaders, TheEnginesOwnFieldsWin) {
  const Head request({{"Accept", "*/*"}});
  model::Engine engine;
  engine.headers = {{"Accept", "application/json"}, {"X-Team", "a"}, {"Authorization", "stale"}};
  engine.auth = model::EngineAuth{.secret = "NAME"};
  const auto headers = engine_headers(request.fields, engine, "s3cret", "r-1");
  EXPECT_EQ(value_of(headers, "accept"), "application/json");
  EXPECT_EQ(value_of(headers, "x-team"), "a");
  EXPECT_EQ(value_of(headers, "authorization"), "Bearer s3cret");
  EXPECT_EQ(std::ranges::count(headers, "authorization", &Header::name), 1);
}

TEST(ClientHeaders, AnotherCredentialFieldHasTheBareSecret) {
  const Head request({});
  model::Engine engine;
  engine.auth = model::EngineAuth{.secret = "NAME", .header = "api-key"};
  const auto headers = engine_headers(request.fields, engine, "s3cret", "r-1");
  EXPECT_EQ(value_of(headers, "api-key"), "s3cret");
  EXPECT_EQ(value_of(headers, "authorization"), "");
}

}  // namespace
}  // namespace portolan::dialect

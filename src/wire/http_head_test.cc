#include "wire/http_head.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"

namespace portolan::wire {
namespace {

using std::string_literals::operator""s;

Code refused_code(std::string_view text) {
  RequestHead head;
  const auto result = parse_request_head(text, head);
  EXPECT_FALSE(result) << text;
  return result ? Code::cancelled : result.error().code;
}

RequestHead parsed(std::string_view text) {
  RequestHead head;
  const auto result = parse_request_head(text, head);
  EXPECT_TRUE(result) << (result ? "" : result.error().message) << "\n" << text;
  EXPECT_EQ(result.value_or(0), text.size());
  return head;
}

std::string get_with(std::string_view lines) {
  return "GET / HTTP/1.1\r\nHost: a\r\n"s.append(lines).append("\r\n");
}

TEST(RequestHead, RefusesWhatCouldBeReadInTwoWays) {
  const std::vector<std::string> malformed = {
      get_with("X: a\r\n b\r\n"),  // folded
      get_with("X : a\r\n"),       // space before the colon
      get_with("X: a\rb\r\n"),     // bare CR
      get_with("X: a\nY: b\r\n"),  // bare LF
      get_with("X: a\0b\r\n"s),    // NUL
      get_with("X: a\t\r\n"),
      get_with("X: a\x01\r\n"),  // control
      get_with("X: a\x7f\r\n"),  // DEL
      get_with(": a\r\n"),       // no name
      get_with("X\r\n"),         // no colon
      get_with("X(: a\r\n"),     // no token
      get_with("Host: a\r\n"),   // Host twice
      get_with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
      get_with("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"),
      get_with("Content-Length: 1\r\nContent-Length: 1\r\n"),
      get_with("Content-Length: 1\r\nContent-Length: 2\r\n"),
      get_with("Content-Length: 1, 1\r\n"),
      get_with("Content-Length: +1\r\n"),
      get_with("Content-Length: -1\r\n"),
      get_with("Content-Length: 0x1\r\n"),
      get_with("Content-Length:\r\n"),
      get_with("Content-Length: 18446744073709551617\r\n"),
      get_with("Transfer-Encoding: gzip, chunked\r\n"),
      get_with("Transfer-Encoding: identity\r\n"),
      get_with("Transfer-Encoding: xchunked\r\n"),
      get_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
      get_with("Transfer-Encoding: \"chunked\"\r\n"),
      get_with("Transfer-Encoding: \x0b"
               "chunked\r\n"),
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
      "GET / HTTP/1.1\nHost: a\n\n",
      "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
      "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /\r\nHost: a\r\n\r\n",
      "G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / http/1.1\r\nHost: a\r\n\r\n",
      "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n",
      "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a%2 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a:x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
      "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "\x16\x03\x01\x02",
      " GET / HTTP/1.1\r\n",
  };
  for (const auto& text : malformed) {
    EXPECT_EQ(refused_code(text), Code::malformed_request) << text;
  }
}

TEST(RequestHead, RefusesOtherVersions) {
  EXPECT_EQ(refused_code("PRI * HTTP/2.0\r\n\r\n"), Code::unsupported_version);
  EXPECT_EQ(refused_code("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), Code::unsupported_version);
}

TEST(RequestHead, RefusesTooManyBytesAndTooManyFields) {
  const auto max = limits::head_bytes_max.count();
  std::string long_value = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  EXPECT_EQ(refused_code(long_value + std::string(max, 'a')), Code::head_too_large);
  const auto room = max - long_value.size() - 4;
  EXPECT_EQ(parsed(long_value + std::string(room, 'a') + "\r\n\r\n").fields.size(), 2u);
  EXPECT_EQ(refused_code(long_value + std::string(room + 1, 'a') + "\r\n\r\n"),
            Code::head_too_large);

  std::string lines;
  for (std::size_t i = 1; i < limits::headers_max.count(); ++i) {
    lines += "X: a\r\n";
  }
  EXPECT_EQ(parsed(get_with(lines)).fields.size(), limits::headers_max.count());
  EXPECT_EQ(refused_code(get_with(lines + "X: a\r\n")), Code::head_too_large);
}

TEST(RequestHead, NeedsMoreUntilTheEmptyLineWhereverTheBytesAreCut) {
  const std::string text =
      "\r\nPOST /v1/x?a=b HTTP/1.1\r\nHost: a:80\r\nContent-Length: 3\r\n\r\nabc";
  RequestHead head;
  for (std::size_t size = 0; size + 3 < text.size(); ++size) {
    const std::string moved = text.substr(0, size);  // elsewhere each time
    const auto result = parse_request_head(moved, head);
    ASSERT_TRUE(result);
    ASSERT_EQ(*result, 0u);
  }
  const auto result = parse_request_head(text, head);
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, text.size() - 3);
  EXPECT_EQ(head.path, "/v1/x");
  EXPECT_EQ(head.query, "a=b");
  EXPECT_EQ(head.framing, Framing::of_length(3));
}

TEST(RequestHead, RefusesABareLineFeedBeforeTheHeadIsWhole) {
  EXPECT_EQ(refused_code("GET / HTTP/1.1\n"), Code::malformed_request);
}

TEST(RequestHead, SaysWhatAStockClientSent) {
  const std::string text =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: */*\r\n"
      "Authorization: Bearer ptl_x\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: Chunked\r\nExpect: 100-Continue\r\nX-Empty:\r\nX-Wide: \t a b  \r\n\r\n";
  const auto head = parsed(text);
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.path, "/v1/chat/completions");
  EXPECT_EQ(head.host, "127.0.0.1:8080");
  EXPECT_EQ(head.framing, Framing::chunked());
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(head.expects_continue);
  EXPECT_FALSE(head.expects_unknown);
  EXPECT_EQ(head.fields.find("AUTHORIZATION"), "Bearer ptl_x");
  EXPECT_EQ(head.fields.find("x-empty"), "");
  EXPECT_EQ(head.fields.find("x-wide"), "a b");
  EXPECT_EQ(head.fields.find("x-none"), std::nullopt);
  EXPECT_EQ(head.fields.count("accept"), 1u);
}

TEST(RequestHead, KeepsAliveAsItsVersionAndConnectionSay) {
  EXPECT_TRUE(parsed(get_with("")).keep_alive);
  EXPECT_FALSE(parsed(get_with("Connection: Close\r\n")).keep_alive);
  EXPECT_FALSE(parsed(get_with("Connection: keep-alive, close\r\n")).keep_alive);
  EXPECT_FALSE(parsed(get_with("Connection: x\r\nConnection: ,close\r\n")).keep_alive);
  EXPECT_FALSE(parsed("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(parsed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(RequestHead, FlagsExpectationsNobodyKnows) {
  EXPECT_TRUE(parsed(get_with("Expect: magic\r\n")).expects_unknown);
  EXPECT_FALSE(parsed("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expects_continue);
}

TEST(RequestHead, TakesTheHostOfAnAbsoluteTarget) {
  const auto head = parsed("GET HTTPS://b.example:1/p?q HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(head.host, "b.example:1");
  EXPECT_EQ(head.path, "/p");
  EXPECT_EQ(head.query, "q");
  EXPECT_EQ(parsed("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n").path, "/");
  EXPECT_EQ(parsed("OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n").path, "*");
  EXPECT_EQ(parsed("OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n").host, "[::1]:80");
}

TEST(RequestHead, LeavesPipelinedBytesAndIsReadAgain) {
  const std::string one = get_with("X: 1\r\n");
  RequestHead head;
  const auto result = parse_request_head(one + "GET /2", head);
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, one.size());
  const std::string two = "GET /2 HTTP/1.1\r\nHost: b\r\n\r\n";
  ASSERT_EQ(parse_request_head(two, head).value_or(0), two.size());
  EXPECT_EQ(head.path, "/2");
  EXPECT_EQ(head.fields.size(), 1u);
  EXPECT_EQ(head.host, "b");
}

}  // namespace
}  // namespace portolan::wire

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/http_head.h"

namespace portolan::wire {
namespace {

using std::string_literals::operator""s;

ResponseHead parsed(std::string_view text, std::string_view method = "GET") {
  ResponseHead head;
  const auto result = parse_response_head(text, method, head);
  EXPECT_TRUE(result) << (result ? "" : result.error().message) << "\n" << text;
  EXPECT_EQ(result.value_or(0), text.size());
  return head;
}

TEST(ResponseHead, RefusesWhatCannotBeTrusted) {
  const std::vector<std::string> malformed = {
      "HTTP/1.1 99 x\r\n\r\n",
      "HTTP/1.1 600 x\r\n\r\n",
      "HTTP/1.1 20 x\r\n\r\n",
      "HTTP/1.1 2000\r\n\r\n",
      "HTTP/1.1  200\r\n\r\n",
      "HTTP/1.1 200 a\x01\r\n\r\n",
      "HTTP/2 200\r\n\r\n",
      "HTTP/2.0 200 OK\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\nA: b\n\n",
      "\r\nHTTP/1.1 200 OK\r\n\r\n",
      "SSH-2.0-x\r\n",
      "HTTP/1.1 200 OK\r\nX: "s + std::string(16 * 1024, 'a'),
  };
  for (const auto& text : malformed) {
    ResponseHead head;
    const auto result = parse_response_head(text, "GET", head);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, Code::malformed_peer);
  }
}

TEST(ResponseHead, FramesTheBodyByStatusMethodAndFields) {
  const auto text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  EXPECT_EQ(parsed(text).framing, Framing::of_length(5));
  EXPECT_EQ(parsed(text, "HEAD").framing, Framing::none());
  EXPECT_EQ(parsed("HTTP/1.1 204 No Content\r\n\r\n").framing, Framing::none());
  EXPECT_EQ(parsed("HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n").framing, Framing::none());
  EXPECT_EQ(parsed("HTTP/1.1 100 Continue\r\n\r\n").framing, Framing::none());
  EXPECT_EQ(parsed("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n").framing,
            Framing::chunked());
  const auto endless = parsed("HTTP/1.1 200 Fine by me\r\n\r\n");
  EXPECT_EQ(endless.framing, Framing::until_close());
  EXPECT_EQ(endless.reason, "Fine by me");
  EXPECT_FALSE(endless.keep_alive);
  EXPECT_FALSE(parsed("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keep_alive);
  EXPECT_TRUE(parsed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").keep_alive);
}

}  // namespace
}  // namespace portolan::wire

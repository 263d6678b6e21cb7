#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/http_head.h"
#include "wire/http_render.h"

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

TEST(RenderedHeads, AreReadBackAsTheyWereMeant) {
  const std::vector<Field> fields = {{"content-type", "text/event-stream"}, {"x-a", ""}};
  std::string text;
  render_response_head(
      text,
      {.status = 503, .framing = Framing::of_length(7), .keep_alive = false, .fields = fields});
  EXPECT_EQ(text,
            "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/event-stream\r\nx-a: \r\n"
            "content-length: 7\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(parsed(text).framing, Framing::of_length(7));

  std::string request;
  render_request_head(request, {.method = "POST",
                                .target = "/v1/x",
                                .host = "e:1",
                                .framing = Framing::chunked(),
                                .fields = fields});
  RequestHead head;
  ASSERT_EQ(parse_request_head(request, head).value_or(0), request.size());
  EXPECT_EQ(head.framing, Framing::chunked());
  EXPECT_EQ(head.host, "e:1");
  EXPECT_EQ(head.fields.find("content-type"), "text/event-stream");
}

TEST(RenderedHeadsDeathTest, NeverCarryALineEndOfOurOwn) {
  std::string out;
  const std::vector<Field> value = {{"x", "a\r\nset-cookie: b"}};
  EXPECT_DEATH(render_response_head(out, {.fields = value}), "control character");
  const std::vector<Field> name = {{"x\r\ny", "a"}};
  EXPECT_DEATH(render_response_head(out, {.fields = name}), "token");
  const std::vector<Field> framing = {{"Content-Length", "1"}};
  EXPECT_DEATH(render_response_head(out, {.fields = framing}), "framing");
}

TEST(FieldValues, AreAskedAboutBeforeForeignTextIsUsed) {
  EXPECT_TRUE(is_field_value("a b\tc \xc3\xa9 0123456789"));
  EXPECT_TRUE(is_field_value(""));
  for (const auto& text : {"a\r\n"s, "a\0"s, " a"s, "a\t"s, "0123456789\x7f"s,
                           "\x1f"
                           "234567890"s}) {
    EXPECT_FALSE(is_field_value(text));
  }
}

}  // namespace
}  // namespace portolan::wire

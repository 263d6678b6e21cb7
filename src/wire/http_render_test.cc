#include "wire/http_render.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace portolan::wire {
namespace {

using std::string_literals::operator""s;

TEST(RenderedHeads, AreReadBackAsTheyWereMeant) {
  const std::vector<Field> fields = {{"content-type", "text/event-stream"}, {"x-a", ""}};
  std::string text;
  render_response_head(
      text,
      {.status = 503, .framing = Framing::of_length(7), .keep_alive = false, .fields = fields});
  EXPECT_EQ(text,
            "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/event-stream\r\nx-a: \r\n"
            "content-length: 7\r\nconnection: close\r\n\r\n");
  ResponseHead answer;
  ASSERT_EQ(parse_response_head(text, "GET", answer).value_or(0), text.size());
  EXPECT_EQ(answer.framing, Framing::of_length(7));
  EXPECT_FALSE(answer.keep_alive);

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

// Whatever our parser accepts, http-parser accepts too and reads the same: two
// readers that disagree about one head are how requests are smuggled. The other
// way round need not hold; ours is the stricter.

#include <gtest/gtest.h>
#include <http_parser.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "wire/head_lines.h"
#include "wire/http_head.h"

namespace portolan::wire {
namespace {

// What http-parser made of a head.
struct Reading {
  bool complete = false;
  bool unknown_method = false;
  std::string url;
  std::vector<std::pair<std::string, std::string>> fields;
  http_parser parser{};
  bool keep_alive = false;
  bool last_was_value = true;
};

Reading& reading_of(http_parser* parser) { return *static_cast<Reading*>(parser->data); }

int on_name(http_parser* parser, const char* at, std::size_t length) {
  Reading& reading = reading_of(parser);
  if (reading.last_was_value) {
    reading.fields.emplace_back();
  }
  reading.last_was_value = false;
  reading.fields.back().first.append(at, length);
  return 0;
}

int on_value(http_parser* parser, const char* at, std::size_t length) {
  Reading& reading = reading_of(parser);
  reading.last_was_value = true;
  reading.fields.back().second.append(at, length);
  return 0;
}

int on_url(http_parser* parser, const char* at, std::size_t length) {
  reading_of(parser).url.append(at, length);
  return 0;
}

int on_complete(http_parser* parser) {
  reading_of(parser).complete = true;
  reading_of(parser).keep_alive = http_should_keep_alive(parser) != 0;
  return 0;
}

Reading read_by_other(std::string_view head, http_parser_type type) {
  Reading reading;
  http_parser_settings settings;
  http_parser_settings_init(&settings);
  settings.on_url = on_url;
  settings.on_header_field = on_name;
  settings.on_header_value = on_value;
  settings.on_headers_complete = on_complete;
  http_parser_init(&reading.parser, type);
  reading.parser.data = &reading;
  http_parser_execute(&reading.parser, &settings, head.data(), head.size());
  reading.unknown_method = HTTP_PARSER_ERRNO(&reading.parser) == HPE_INVALID_METHOD;
  return reading;
}

Framing framing_of(const Reading& reading) {
  if ((reading.parser.flags & F_CHUNKED) != 0) {
    return Framing::chunked();
  }
  if (reading.parser.content_length != std::numeric_limits<std::uint64_t>::max() &&
      (reading.parser.flags & F_CONTENTLENGTH) != 0) {
    return Framing::of_length(reading.parser.content_length);
  }
  return Framing::none();
}

void expect_same_fields(const Fields& ours, const Reading& theirs) {
  ASSERT_EQ(ours.size(), theirs.fields.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_EQ(ours[i].name, theirs.fields[i].first);
    EXPECT_EQ(ours[i].value, trimmed(theirs.fields[i].second));
  }
}

template <std::size_t N>
std::string one_of(Random& random, const char* const (&choices)[N]) {
  return choices[random.below(N)];
}

std::string drawn_fields(Random& random) {
  std::string lines;
  const auto count = random.below(6);
  for (std::uint64_t i = 0; i < count; ++i) {
    lines += one_of(random, {"Content-Length", "Transfer-Encoding", "Connection", "Expect", "X-a",
                             "Accept", "content-length", "Upgrade", "x y"});
    lines += one_of(random, {":", ": ", ":\t", " :", ": \r\n "});
    lines += one_of(random, {"0", "5", "chunked", "close", "keep-alive", "close, x", "upgrade",
                             "100-continue", "", "gzip, chunked", "a b", "\xc3\xa9", "007",
                             "9999999999999999999999", "chunked, identity"});
    lines += one_of(random, {"\r\n", "\r\n", "\r\n", "\r\n", " \r\n", "\n", "\r"});
  }
  return lines + "\r\n";
}

std::string drawn_request(Random& random) {
  return one_of(random, {"GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "FOO"}) +
         one_of(random, {" ", " ", " ", "  ", "\t"}) +
         one_of(random,
                {"/", "/v1/x?a=b", "*", "http://h/p", "https://h:1?q", "/%41", "/a#b", ""}) +
         " HTTP/1." + one_of(random, {"1", "1", "1", "0", "2"}) + "\r\n" +
         one_of(random, {"Host: a\r\n", "Host: a\r\n", "Host: [::1]:8\r\n", ""}) +
         drawn_fields(random);
}

std::string drawn_response(Random& random) {
  return "HTTP/1." + one_of(random, {"1", "1", "0"}) +
         one_of(random, {" 200 OK", " 204 No Content", " 100 Continue", " 304 ", " 500", " 42 x",
                         " 999 x"}) +
         "\r\n" + drawn_fields(random);
}

void mutate(std::string& text, Random& random) {
  constexpr std::string_view bytes(
      "\0\t\n\r :;,/?#%\x7f\x80\xff"
      "aZ09",
      19);
  for (auto changes = random.below(4); changes > 0; --changes) {
    const auto at = random.below(text.size());
    const char byte = bytes[random.below(bytes.size())];
    switch (random.below(3)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(at, 1, byte);
        break;
      default:
        text.erase(at, 1);
        break;
    }
    text += "\r\n\r\n";
  }
}

// http-parser takes "Transfer-EncodingX" for Transfer-Encoding when it looks for
// a Content-Length beside it.
bool misread_coding(const Reading& theirs, const Fields& fields) {
  constexpr std::string_view coding = "transfer-encoding";
  for (const Field field : fields) {
    if (field.name.size() > coding.size() &&
        equal_ignoring_case(field.name.substr(0, coding.size()), coding)) {
      return HTTP_PARSER_ERRNO(&theirs.parser) == HPE_UNEXPECTED_CONTENT_LENGTH;
    }
  }
  return false;
}

void compare_request(const std::string& text, int& accepted) {
  RequestHead head;
  const auto end = parse_request_head(text, head);
  if (!end || *end == 0) {
    return;
  }
  SCOPED_TRACE(testing::PrintToString(text));
  const auto theirs = read_by_other(std::string_view(text).substr(0, *end), HTTP_REQUEST);
  if (theirs.unknown_method || misread_coding(theirs, head.fields)) {
    return;  // it knows a fixed set of methods
  }
  ++accepted;
  ASSERT_TRUE(theirs.complete) << http_errno_name(HTTP_PARSER_ERRNO(&theirs.parser));
  EXPECT_EQ(head.method, http_method_str(static_cast<http_method>(theirs.parser.method)));
  EXPECT_EQ(head.target, theirs.url);
  EXPECT_EQ(head.old_version, theirs.parser.http_minor == 0);
  EXPECT_EQ(head.framing, framing_of(theirs));
  EXPECT_TRUE(!head.keep_alive || theirs.keep_alive);
  expect_same_fields(head.fields, theirs);
}

void compare_response(const std::string& text, int& accepted) {
  ResponseHead head;
  const auto end = parse_response_head(text, "GET", head);
  if (!end || *end == 0) {
    return;
  }
  SCOPED_TRACE(testing::PrintToString(text));
  const auto theirs = read_by_other(std::string_view(text).substr(0, *end), HTTP_RESPONSE);
  if (misread_coding(theirs, head.fields)) {
    return;
  }
  ++accepted;
  ASSERT_TRUE(theirs.complete) << http_errno_name(HTTP_PARSER_ERRNO(&theirs.parser));
  EXPECT_EQ(head.status, static_cast<int>(theirs.parser.status_code));
  const bool bare = head.status < 200 || head.status == 204 || head.status == 304;
  if (!bare) {
    const auto expected = framing_of(theirs);
    EXPECT_EQ(head.framing, expected == Framing::none() ? Framing::until_close() : expected);
  }
  EXPECT_TRUE(!head.keep_alive || theirs.keep_alive);
  expect_same_fields(head.fields, theirs);
}

RC_GTEST_PROP(ComparedWithHttpParser, RequestsWeAcceptItReadsAsWeDo, (std::uint64_t seed)) {
  Random random(seed);
  int accepted = 0;
  for (int i = 0; i < 200 && !testing::Test::HasFailure(); ++i) {
    auto text = drawn_request(random);
    compare_request(text, accepted);
    mutate(text, random);
    compare_request(text, accepted);
  }
  RC_ASSERT(!testing::Test::HasFailure());
  RC_ASSERT(accepted > 0);  // else this compares nothing
}

RC_GTEST_PROP(ComparedWithHttpParser, ResponsesWeAcceptItReadsAsWeDo, (std::uint64_t seed)) {
  Random random(seed);
  int accepted = 0;
  for (int i = 0; i < 200 && !testing::Test::HasFailure(); ++i) {
    auto text = drawn_response(random);
    compare_response(text, accepted);
    mutate(text, random);
    compare_response(text, accepted);
  }
  RC_ASSERT(!testing::Test::HasFailure());
  RC_ASSERT(accepted > 0);
}

}  // namespace
}  // namespace portolan::wire

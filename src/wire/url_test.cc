#include "wire/url.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace portolan::wire {
namespace {

TEST(Url, RefusesWhatNoConnectionCanBeMadeTo) {
  for (const auto* text : {"",
                           "a",
                           "//a",
                           "ftp://a",
                           "http:/a",
                           "http://",
                           "http:///x",
                           "http://:80",
                           "http://a:",
                           "http://a:0",
                           "http://a:65536",
                           "http://a:8x",
                           "http://u@a",
                           "http://u:p@a/",
                           "http://a b",
                           "http://a?x",
                           "http://a/x?y",
                           "http://a/#f",
                           "http://a/../b",
                           "http://a/.",
                           "http://-a",
                           "http://a-",
                           "http://a..b",
                           "http://a.",
                           "http://1.2.3",
                           "http://256.1.1.1",
                           "http://[::1",
                           "http://[::g]",
                           "http://::1",
                           "http://[::1]x",
                           "http://[]",
                           "http://a/%2",
                           "http://\xc3\xa9",
                           "http://a/\xc3\xa9",
                           "http://a\r\n"}) {
    const auto url = parse_url(text, Code::invalid_resource);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, Code::invalid_resource);
  }
  EXPECT_EQ(parse_url("ftp://a").error().message,
            "'ftp://a' is no usable URL: it must begin with http:// or https://.");
}

TEST(Url, ReadsSchemeHostPortAndPrefix) {
  EXPECT_EQ(parse_url("http://127.0.0.1:9101"), (Url{false, "127.0.0.1", 9101, ""}));
  EXPECT_EQ(parse_url("HTTPS://Eu-1.Example.net/"), (Url{true, "eu-1.example.net", 443, ""}));
  EXPECT_EQ(parse_url("https://[2001:DB8::1]:8443/v1/"), (Url{true, "2001:db8::1", 8443, "/v1"}));
  EXPECT_EQ(parse_url("http://svc_a/x/y"), (Url{false, "svc_a", 80, "/x/y"}));
}

TEST(Url, IsRenderedSoThatItReadsBack) {
  for (const auto* text : {"http://a", "https://a:80", "http://[::1]:1/p", "https://a.b/c"}) {
    EXPECT_EQ(render_url(*parse_url(text)), text);
  }
  EXPECT_EQ(render_url(*parse_url("http://a:80/")), "http://a");
  EXPECT_EQ(render_authority(*parse_url("https://[::1]:1/p")), "[::1]:1");
}

TEST(PercentDecoding, RefusesWhatCouldBeReadInTwoWays) {
  for (const auto* text : {"%", "%2", "a%zz", "%00", "%0a", "%7f", "%ff", "%ed%a0%80", "\n"}) {
    EXPECT_EQ(decode_percent(text), std::nullopt) << text;
  }
}

TEST(PercentDecoding, ReadsSegmentsAndQueries) {
  EXPECT_EQ(decode_percent("a%2Fb+c"), "a/b+c");
  EXPECT_EQ(decode_percent("%c3%A9"), "\xc3\xa9");
  EXPECT_EQ(decode_query_text("a+b%2B"), "a b+");
  EXPECT_EQ(decode_percent("%41"), "A");
}

TEST(QueryParameters, AreFoundOnceOrRefused) {
  EXPECT_EQ(find_parameter("a=1&b=x%20y&c", "b").value(), "x y");
  EXPECT_EQ(find_parameter("a=1&b=x%20y&c", "c").value(), "");
  EXPECT_EQ(find_parameter("a=1&&c=", "d").value(), std::nullopt);
  EXPECT_EQ(find_parameter("%61=1=2", "a").value(), "1=2");
  EXPECT_EQ(find_parameter("a=1&a=1", "a").error().code, Code::invalid_parameter);
  EXPECT_EQ(find_parameter("a=%f", "a").error().code, Code::invalid_parameter);
}

RC_GTEST_PROP(PercentEncoding, IsUndoneByDecoding, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0x20, 0x7f));
  std::string encoded;
  append_percent_encoded(encoded, text);
  RC_ASSERT(decode_percent(encoded) == text);
  RC_ASSERT(decode_query_text(encoded) == text);
}

}  // namespace
}  // namespace portolan::wire

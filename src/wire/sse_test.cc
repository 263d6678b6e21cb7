#include "wire/sse.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "base/random.h"

namespace portolan::wire {
namespace {

using Events = std::vector<std::string>;

// The events of `text` when it arrives in pieces of `size` bytes; what is left
// over comes last.
Events split(std::string_view text, std::size_t size) {
  SseSplitter splitter;
  Events events;
  std::size_t consumed = 0;
  for (std::size_t known = 0; known < text.size();) {
    known = std::min(known + size, text.size());
    while (true) {
      const auto rest = text.substr(consumed, known - consumed);
      const auto end = known < text.size() ? splitter.next(rest) : splitter.last(rest);
      EXPECT_TRUE(end);
      if (!end || *end == 0) {
        break;
      }
      events.emplace_back(rest.substr(0, *end));
      consumed += *end;
    }
  }
  events.emplace_back(text.substr(consumed));
  return events;
}

TEST(SseSplitter, RefusesAnEventBeyondItsBound) {
  const auto max = limits::event_bytes_max.count();
  SseSplitter splitter;
  EXPECT_EQ(splitter.next(std::string(max, 'a')).value(), 0u);
  EXPECT_EQ(splitter.next(std::string(max + 1, 'a')).error().code, Code::malformed_peer);
  EXPECT_EQ(SseSplitter().next(std::string(max - 2, 'a') + "\n\n").value(), max);
  EXPECT_FALSE(SseSplitter().next(std::string(max - 1, 'a') + "\n\n"));
}

TEST(SseSplitter, NeverCutsAnEventShort) {
  SseSplitter splitter;
  EXPECT_EQ(splitter.next("data: a\n").value(), 0u);
  EXPECT_EQ(splitter.next("data: a\ndata: b\n").value(), 0u);
  EXPECT_EQ(splitter.next("data: a\ndata: b\n\nda").value(), 17u);
}

TEST(SseSplitter, FindsEveryKindOfLineEndHoweverTheBytesAreCut) {
  const std::string text = "data: 1\n\n: c\r\n\r\ndata: 2\r\rdata: 3\r\n\ndata: 4\n\r\n\ntail";
  const Events expected = {"data: 1\n\n",   ": c\r\n\r\n", "data: 2\r\r", "data: 3\r\n\n",
                           "data: 4\n\r\n", "\n",          "tail"};
  for (std::size_t size = 1; size <= text.size(); ++size) {
    EXPECT_EQ(split(text, size), expected);
  }
}

TEST(SseSplitter, EndsAStreamThatEndsInCr) {
  EXPECT_EQ(split("data: 1\r\r", 1), (Events{"data: 1\r\r", ""}));
  EXPECT_EQ(SseSplitter().next("data: 1\r\r").value(), 0u);
}

RC_GTEST_PROP(SseSplitter, DecidesTheSameHoweverTheBytesAreCut, (std::uint64_t seed)) {
  Random random(seed);
  constexpr std::string_view bytes = "\r\n\r\n\n:da";
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += bytes[random.below(bytes.size())];
  }
  RC_ASSERT(split(text, 1) == split(text, text.size()));
  RC_ASSERT(split(text, 1 + random.below(7)) == split(text, text.size()));
}

TEST(SseEvent, IsReadWithoutCopyingWhenItHasOneDataLine) {
  const std::string text = ": note\nevent: delta\nid: 7\ndata: {\"a\":1}\r\n\r\n";
  std::string joined;
  const auto event = parse_event(text, joined);
  EXPECT_EQ(event.data, "{\"a\":1}");
  EXPECT_EQ(event.type, "delta");
  EXPECT_TRUE(event.has_data);
  EXPECT_TRUE(joined.empty());
  EXPECT_GE(event.data.data(), text.data());
  EXPECT_LT(event.data.data(), text.data() + text.size());
}

TEST(SseEvent, IsReadAsTheStandardSays) {
  std::string joined = "old";
  EXPECT_EQ(parse_event("data: a\ndata\ndata:b\n\n", joined).data, "a\n\nb");
  EXPECT_EQ(parse_event("data:  two spaces\n\n", joined).data, " two spaces");
  EXPECT_FALSE(parse_event(": only a comment\n\n", joined).has_data);
  EXPECT_FALSE(parse_event("\n", joined).has_data);
  EXPECT_FALSE(parse_event("database: x\n\n", joined).has_data);
  EXPECT_TRUE(parse_event("data\n\n", joined).has_data);
  EXPECT_EQ(parse_event("\xef\xbb\xbf"
                        "data: a\n\n",
                        joined)
                .data,
            "a");
}

TEST(SseEvent, IsRenderedSoThatItReadsBack) {
  std::string out;
  render_event(out, {.data = "a\n\nb\r\nc\n", .type = "t", .has_data = true});
  EXPECT_EQ(out, "event: t\ndata: a\ndata: \ndata: b\ndata: c\ndata: \n\n");
  std::string joined;
  EXPECT_EQ(parse_event(out, joined).data, "a\n\nb\nc\n");
  out.clear();
  render_event(out, "");
  render_comment(out, "ok");
  EXPECT_EQ(out, "data: \n\n: ok\n\n");
}

TEST(SseEventDeathTest, NeverCarriesALineEndWhereItWouldForgeALine) {
  std::string out;
  EXPECT_DEATH(render_comment(out, "a\ndata: b"), "one line");
  EXPECT_DEATH(render_event(out, {.data = "", .type = "a\rb", .has_data = true}), "one line");
}

}  // namespace
}  // namespace portolan::wire

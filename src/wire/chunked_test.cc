#include "wire/chunked.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "base/limits.h"
#include "base/random.h"

namespace portolan::wire {
namespace {

using std::string_literals::operator""s;

struct Decoded {
  std::string body;
  std::size_t consumed = 0;
  bool done = false;
  bool refused = false;

  friend bool operator==(const Decoded&, const Decoded&) = default;
};

// Gives the text in pieces of `size` bytes.
Decoded decode(std::string_view text, std::size_t size) {
  ChunkedDecoder decoder(Code::malformed_peer);
  Decoded decoded;
  std::size_t known = 0;
  while (!decoded.done && known < text.size()) {
    known = std::min(known + size, text.size());
    while (!decoded.done) {
      const auto step = decoder.next(text.substr(decoded.consumed, known - decoded.consumed));
      if (!step) {
        EXPECT_EQ(step.error().code, Code::malformed_peer);
        decoded.refused = true;
        decoded.consumed = 0;  // nothing behind a fault can be trusted
        return decoded;
      }
      decoded.body += step->data;
      decoded.consumed += step->consumed;
      decoded.done = step->done;
      if (step->consumed == 0) {
        break;
      }
    }
  }
  return decoded;
}

bool refuses(std::string_view text) {
  const bool whole = decode(text, text.size()).refused;
  EXPECT_EQ(whole, decode(text, 1).refused) << text;
  return whole;
}

TEST(ChunkedDecoder, RefusesSizesThatCouldBeReadInTwoWays) {
  for (const auto& text :
       {"\r\n"s, "x\r\n"s, "-1\r\n"s, "+1\r\n"s, "0x1\r\na\r\n"s, " 1\r\na"s, "1 \r\na"s, "1\na"s,
        "1\r\r\n"s, "1\ra"s, "1000000000000000\r\n"s, "ffffffffffffffffff\r\n"s,
        "00000000000000001\r\n"s, "1,\r\n"s, ";a\r\n"s}) {
    EXPECT_TRUE(refuses(text)) << text;
  }
}

TEST(ChunkedDecoder, RefusesDataOfAnotherLengthThanStated) {
  EXPECT_TRUE(refuses("2\r\nabc\r\n"));
  EXPECT_TRUE(refuses("3\r\nab\r\n0\r\n"));
  EXPECT_TRUE(refuses("1\r\na\n0\r\n\r\n"));
  EXPECT_TRUE(refuses("1\r\na\rb"));
}

TEST(ChunkedDecoder, RefusesControlsAndBareLineEndsInWhatItDrops) {
  EXPECT_TRUE(refuses("1;a\nb\r\n"));
  EXPECT_TRUE(refuses("1;a\rb\r\n"));
  EXPECT_TRUE(refuses("1;\0\r\n"s));
  EXPECT_TRUE(refuses("0\r\na: b\n\r\n"));
  EXPECT_TRUE(refuses("0\r\na: \x7f\r\n\r\n"));
  EXPECT_TRUE(refuses("0\r\n\rx"));
}

TEST(ChunkedDecoder, BoundsWhatItDropsOverTheWholeBody) {
  std::string many;
  for (int i = 0; i < 9; ++i) {
    many += "1;" + std::string(2'000, 'x') + "\r\na\r\n";
  }
  EXPECT_TRUE(refuses(many));
  EXPECT_TRUE(refuses("0\r\na:" + std::string(limits::head_bytes_max.count(), 'x')));
}

TEST(ChunkedDecoder, GivesTheBodyAndLeavesWhatFollows) {
  const auto text = "3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n0;z\r\nTrailer: t\r\n\r\nGET /"s;
  for (std::size_t size = 1; size <= text.size(); ++size) {
    const auto decoded = decode(text, size);
    EXPECT_TRUE(decoded.done);
    EXPECT_EQ(decoded.body, "abc0123456789");
    EXPECT_EQ(text.substr(decoded.consumed), "GET /");
  }
}

TEST(ChunkedDecoder, GivesViewsOfWhatItWasGiven) {
  const std::string text = "5\r\nhello";
  ChunkedDecoder decoder(Code::malformed_request);
  const auto step = decoder.next(text);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->data.data(), text.data() + 3);
  EXPECT_EQ(decoder.next("").value().consumed, 0u);
}

RC_GTEST_PROP(ChunkedDecoder, UndoesTheEncoder, (const std::vector<std::string>& pieces)) {
  std::string body;
  std::string text;
  for (const auto& piece : pieces) {
    if (!piece.empty()) {
      body += piece;
      render_chunk_size(text, piece.size());
      text += piece + "\r\n";
    }
  }
  text += last_chunk;
  const auto size = *rc::gen::inRange<std::size_t>(1, text.size() + 1);
  const auto decoded = decode(text, size);
  RC_ASSERT(decoded.done);
  RC_ASSERT(decoded.consumed == text.size());
  RC_ASSERT(decoded.body == body);
}

RC_GTEST_PROP(ChunkedDecoder, DecidesTheSameHoweverTheBytesAreCut, (std::uint64_t seed)) {
  Random random(seed);
  constexpr std::string_view bytes = "0012aF;\r\n\r\n\r\nx";
  std::string text = "1\r\na\r\n";
  for (int i = 0; i < 20; ++i) {
    text += bytes[random.below(bytes.size())];
  }
  RC_ASSERT(decode(text, 1) == decode(text, text.size()));
}

}  // namespace
}  // namespace portolan::wire

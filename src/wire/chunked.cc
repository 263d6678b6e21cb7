#include "wire/chunked.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "base/limits.h"
#include "wire/target.h"

namespace portolan::wire {
namespace {

// 2^60 bytes are more than anybody sends, and no number so short overflows.
constexpr std::uint8_t size_digits_max = 15;

constexpr const char* wrong_size = "A chunk's size is not 1 to 15 hexadecimal digits.";
constexpr const char* wrong_end = "A line between chunks does not end in CRLF.";
constexpr const char* wrong_data_end = "A chunk is longer or shorter than its stated size.";
constexpr const char* wrong_control = "A chunk extension or trailer has a control character.";
constexpr const char* too_much = "Chunk extensions and trailer exceed head_bytes_max.";

}  // namespace

Result<ChunkedDecoder::Step> ChunkedDecoder::next(std::string_view buffered) {
  std::size_t at = 0;
  while (at < buffered.size() && state_ != State::data && state_ != State::done) {
    if (const char* wrong = take(buffered[at])) {
      return Fault{.code = blame_, .message = wrong};
    }
    ++at;
  }
  if (state_ != State::data) {
    return Step{.data = {}, .consumed = at, .done = state_ == State::done};
  }
  const auto piece = std::min<std::uint64_t>(left_, buffered.size() - at);
  const auto data = buffered.substr(at, static_cast<std::size_t>(piece));
  left_ -= piece;
  if (left_ == 0) {
    state_ = State::data_cr;
  }
  return Step{.data = data, .consumed = at + data.size(), .done = false};
}

const char* ChunkedDecoder::take(char byte) {
  const auto expect = [&](char expected, State next, const char* otherwise) {
    state_ = next;
    return byte == expected ? nullptr : otherwise;
  };
  switch (state_) {
    case State::size_first:
    case State::size:
      return take_size(byte);
    case State::extension:
      return take_dropped(byte, State::size_lf);
    case State::size_lf:
      return expect('\n', left_ == 0 ? State::trailer_first : State::data, wrong_end);
    case State::data_cr:
      return expect('\r', State::data_lf, wrong_data_end);
    case State::data_lf:
      digits_ = 0;
      return expect('\n', State::size_first, wrong_data_end);
    case State::trailer_first:
      if (byte == '\r') {
        state_ = State::last_lf;
        return nullptr;
      }
      state_ = State::trailer;
      return take_dropped(byte, State::trailer_lf);
    case State::trailer:
      return take_dropped(byte, State::trailer_lf);
    case State::trailer_lf:
      return expect('\n', State::trailer_first, wrong_end);
    case State::last_lf:
      return expect('\n', State::done, wrong_end);
    case State::data:
    case State::done:
      break;
  }
  check(false, "data is not taken byte by byte");
  return nullptr;
}

const char* ChunkedDecoder::take_size(char byte) {
  if (const int digit = hex_value(byte); digit >= 0) {
    state_ = State::size;
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    return ++digits_ <= size_digits_max ? nullptr : wrong_size;
  }
  if (state_ == State::size_first) {
    return wrong_size;
  }
  if (byte == '\r') {
    state_ = State::size_lf;
    return nullptr;
  }
  state_ = State::extension;
  return byte == ';' ? nullptr : wrong_size;
}

const char* ChunkedDecoder::take_dropped(char byte, State at_cr) {
  if (++dropped_ > limits::head_bytes_max.value) {
    return too_much;
  }
  if (byte == '\r') {
    state_ = at_cr;
    return nullptr;
  }
  const auto code = static_cast<unsigned char>(byte);
  return code == '\t' || (code >= 0x20 && code != 0x7f) ? nullptr : wrong_control;
}

void render_chunk_size(std::string& out, std::size_t bytes) {
  check(bytes > 0, "a chunk of no bytes ends the body");
  fmt::format_to(std::back_inserter(out), "{:x}\r\n", bytes);
}

}  // namespace portolan::wire

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/fault.h"
#include "base/result.h"

namespace portolan::wire {

// Takes the chunks off a body (RFC 9112 section 7.1), in place.
//
// Call next() with the bytes that were not consumed yet, until it is done or
// consumes nothing, which means more must be read:
//
//   TRY(const auto step, decoder.next(buffered));
//   use(step.data);  buffered.remove_prefix(step.consumed);
//
// Chunk extensions and trailer fields are checked, bounded and dropped. Owned
// by whoever reads the body; holds no bytes of it.
class ChunkedDecoder {
 public:
  struct Step {
    std::string_view data;     // of the body, a view of what was given; may be empty
    std::size_t consumed = 0;  // bytes of what was given, `data` included
    bool done = false;         // the body and its trailer have ended
  };

  // `blame` is the code of its faults: malformed_request or malformed_peer.
  explicit ChunkedDecoder(Code blame) : blame_(blame) {}

  Result<Step> next(std::string_view buffered);

 private:
  enum class State : std::uint8_t {
    size_first,  // before a chunk's first digit
    size,        // within the digits
    extension,   // behind ';'
    size_lf,     // the LF of the size line
    data,        // `left_` bytes of it
    data_cr,     // the CRLF behind the data
    data_lf,
    trailer_first,  // at the start of a trailer line
    trailer,        // within a trailer line
    trailer_lf,     // the LF of a trailer line
    last_lf,        // the LF of the empty line
    done,
  };

  // Each takes a byte that is no data; a sentence when it may not stand there.
  const char* take(char byte);
  const char* take_size(char byte);
  const char* take_dropped(char byte, State at_cr);

  Code blame_;
  State state_ = State::size_first;
  std::uint8_t digits_ = 0;
  std::uint32_t dropped_ = 0;  // bytes of extensions and trailer
  std::uint64_t left_ = 0;
};

// Appends the line before a chunk of `bytes` bytes; "\r\n" follows the data.
// Zero bytes would end the body: see last_chunk.
void render_chunk_size(std::string& out, std::size_t bytes);

// Behind the last chunk's data; ends the body.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace portolan::wire

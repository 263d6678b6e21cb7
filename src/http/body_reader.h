#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "http/intake.h"
#include "runtime/task.h"
#include "wire/chunked.h"
#include "wire/http_head.h"

namespace portolan::http {

// Takes one message's body off an Intake, piece by piece, by its framing.
//
// Lives on: the connection's shard, in its connection.
class BodyReader {
 public:
  // `blame`: malformed_request or malformed_peer, for chunks that are none.
  BodyReader(Intake& intake, wire::Framing framing, Code blame);

  // The next piece, decoded, in the connection's buffer and valid until the next
  // call; empty at the body's end. Errors: connection_closed before that end,
  // `blame`, those of the stream, cancelled.
  runtime::Task<Result<std::string_view>> next();

  // The same from what has arrived already; nothing when that is not enough.
  Result<std::string_view> next_buffered();

  // Nothing of the body is left. Known at the last piece, but for chunked bodies
  // and those that end with the connection: there behind it.
  bool at_end() const { return done_; }

 private:
  Result<std::string_view> take_length();
  Result<std::string_view> take_chunks();
  void give(std::size_t bytes) { given_ = bytes; }

  Intake& intake_;
  wire::Framing framing_;
  wire::ChunkedDecoder decoder_;
  std::uint64_t left_;     // of a body of known length
  std::size_t given_ = 0;  // bytes of the buffer that the last piece lies in
  bool done_;
};

}  // namespace portolan::http

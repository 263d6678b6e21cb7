#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/answer_sink.h"
#include "wire/frame.h"

namespace portolan::gateway {

// A heartbeat's payload is the phase that the execution is in, or this mark: an
// engine is about to get the body. It goes out before the body does, so that an
// entry which hears nothing more must take the request as executed.
inline constexpr std::string_view sending_mark = "sending";

// Likewise: the counts before it are final, and the data behind it are the last
// bytes of a stream, not to be relayed before the frames have come to their end.
inline constexpr std::string_view ending_mark = "ending";

// The payload of an answer's head frame: {"status", "fields": [[name, value]], "stream"}.
std::string render_answer_head(const AnswerHead& head);
// Errors: malformed_peer.
Result<AnswerHead> parse_answer_head(std::string_view payload);

// Takes bytes as they arrive and gives them back frame by frame.
class FrameReader {
 public:
  void add(std::string_view bytes) { unread_.append(bytes); }
  // The next whole frame, valid until the next call of either; nothing while
  // bytes are missing. Errors: malformed_peer.
  Result<std::optional<wire::Frame>> next();
  bool empty() const { return taken_ == unread_.size(); }

 private:
  std::string unread_;
  std::size_t taken_ = 0;
};

}  // namespace portolan::gateway

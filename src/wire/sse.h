#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portolan::wire {

// Finds where server-sent events end (WHATWG HTML section 9.2.6), so that they
// can be relayed whole and unchanged.
//
// Call next() with the bytes that were not consumed yet. It remembers how far
// it has looked, so bytes are looked at once however small the pieces are. An
// "event" is everything up to and with an empty line: also a comment alone, or
// an empty line alone.
class SseSplitter {
 public:
  // Bytes of the first whole event in `buffered`, or 0 while its end is
  // missing. A CR at the very end waits for one byte more, which may be its
  // LF. Fault malformed_peer: event_bytes_max.
  Result<std::size_t> next(std::string_view buffered);

  // The same when it is known that nothing follows.
  Result<std::size_t> last(std::string_view buffered);

 private:
  Result<std::size_t> look(std::string_view buffered, bool ended);

  std::size_t looked_at_ = 0;
  std::size_t line_at_ = 0;  // where the line begins that is being looked at
};

// What one event says. Views of the event, or of `joined`.
struct SseEvent {
  std::string_view data;  // the payload, data lines joined by LF
  std::string_view type;  // of `event:`; empty means "message"
  bool has_data = false;  // without it a client sees no event
};

// Reads one event as SseSplitter cuts it. Where it has several data lines they
// are joined in `joined`, else nothing is copied. Never fails: lines it does
// not know are skipped, as the standard says. A byte order mark is skipped.
SseEvent parse_event(std::string_view event, std::string& joined);

// Appends an event; each line of `data` becomes a data line. An empty `type`
// leaves the event line out; a type with a line end is a bug of ours.
void render_event(std::string& out, const SseEvent& event);
void render_event(std::string& out, std::string_view data);

// Appends a comment of one line, with its empty line: seen by no client.
void render_comment(std::string& out, std::string_view text);

}  // namespace portolan::wire

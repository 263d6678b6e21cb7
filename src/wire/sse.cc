#include "wire/sse.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"

namespace portolan::wire {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// The first CR or LF from `at` on, or npos. Two passes of memchr, because CRs
// are rare and find_first_of looks at each byte twice by hand.
std::size_t find_line_end(std::string_view text, std::size_t at) {
  const auto lf = text.find('\n', at);
  const auto cr = text.substr(0, lf).find('\r', at);
  return std::min(lf, cr);
}

// Takes the first line off `text`, without its end.
std::string_view take_line(std::string_view& text) {
  const auto end = find_line_end(text, 0);
  const auto line = text.substr(0, end);
  text.remove_prefix(line.size());
  if (text.starts_with("\r\n")) {
    text.remove_prefix(2);
  } else if (!text.empty()) {
    text.remove_prefix(1);
  }
  return line;
}

bool holds_line_end(std::string_view text) { return find_line_end(text, 0) != text.npos; }

}  // namespace

Result<std::size_t> SseSplitter::next(std::string_view buffered) { return look(buffered, false); }

Result<std::size_t> SseSplitter::last(std::string_view buffered) { return look(buffered, true); }

Result<std::size_t> SseSplitter::look(std::string_view buffered, bool ended) {
  const auto within = buffered.substr(0, limits::event_bytes_max.count() + 1);
  while (true) {
    const auto end = find_line_end(within, looked_at_);
    if (end == within.npos) {
      looked_at_ = within.size();
      break;
    }
    looked_at_ = end;
    if (within[end] == '\r' && end + 1 == within.size() && !ended) {
      break;
    }
    const bool crlf = within.substr(end).starts_with("\r\n");
    const bool empty = end == line_at_;
    looked_at_ = line_at_ = end + (crlf ? 2 : 1);
    if (empty) {
      const auto event_end = looked_at_;
      looked_at_ = line_at_ = 0;
      if (event_end > limits::event_bytes_max.count()) {
        break;
      }
      return event_end;
    }
  }
  if (buffered.size() > limits::event_bytes_max.count()) {
    return Fault{.code = Code::malformed_peer,
                 .message = fmt::format("A server-sent event is longer than {} bytes "
                                        "(event_bytes_max).",
                                        limits::event_bytes_max.value)};
  }
  return std::size_t{0};
}

SseEvent parse_event(std::string_view event, std::string& joined) {
  SseEvent read;
  std::size_t data_lines = 0;
  if (event.starts_with(byte_order_mark)) {
    event.remove_prefix(byte_order_mark.size());
  }
  while (!event.empty()) {
    const auto line = take_line(event);
    const auto colon = std::min(line.find(':'), line.size());
    const auto name = line.substr(0, colon);
    auto value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) {
      value.remove_prefix(1);
    }
    if (name == "event") {
      read.type = value;
    } else if (name == "data") {
      if (++data_lines == 1) {
        read.data = value;
        continue;
      }
      if (data_lines == 2) {
        joined = read.data;
      }
      joined.append("\n").append(value);
    }
  }
  read.has_data = data_lines > 0;
  if (data_lines > 1) {
    read.data = joined;
  }
  return read;
}

void render_event(std::string& out, const SseEvent& event) {
  check(!holds_line_end(event.type), "an event's type is one line");
  if (!event.type.empty()) {
    out.append("event: ").append(event.type).append("\n");
  }
  for (auto rest = event.data;;) {
    const auto before = rest.size();
    const auto line = take_line(rest);
    out.append("data: ").append(line).append("\n");
    if (line.size() == before) {
      break;  // nothing ended it: the last line
    }
  }
  out.append("\n");
}

void render_event(std::string& out, std::string_view data) {
  render_event(out, SseEvent{.data = data, .type = {}, .has_data = true});
}

void render_comment(std::string& out, std::string_view text) {
  check(!holds_line_end(text), "a comment is one line");
  out.append(": ").append(text).append("\n\n");
}

}  // namespace portolan::wire

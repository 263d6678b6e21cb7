#include "wire/frame.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/limits.h"

namespace portolan::wire {
namespace {

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

bool is_known(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(FrameKind::head) &&
         kind <= static_cast<std::uint8_t>(FrameKind::fault);
}

Fault malformed(std::string what) {
  return {.code = Code::malformed_peer, .message = std::move(what)};
}

}  // namespace

Result<std::optional<Frame>> parse_frame(std::string_view buffered) {
  if (buffered.size() < frame_header_bytes) {
    return std::nullopt;
  }
  std::size_t length = 0;
  for (std::size_t at = 0; at < 4; ++at) {
    length |= static_cast<std::size_t>(byte_at(buffered, at)) << (8 * at);
  }
  const auto kind = byte_at(buffered, 4);
  const auto major = byte_at(buffered, 5);
  if (major != frame_major) {
    return malformed(fmt::format("A frame is of version {}; this gateway reads version {}.", major,
                                 frame_major));
  }
  if (byte_at(buffered, 7) != 0) {
    return malformed("A frame's header does not end in zero: frames are out of step.");
  }
  if (length > limits::frame_bytes_max.count()) {
    return malformed(fmt::format("A frame of {} bytes is longer than {} (frame_bytes_max).", length,
                                 limits::frame_bytes_max.value));
  }
  if (buffered.size() - frame_header_bytes < length) {
    return std::nullopt;
  }
  return Frame{.kind = static_cast<FrameKind>(kind),
               .minor = byte_at(buffered, 6),
               .skip = !is_known(kind),
               .payload = buffered.substr(frame_header_bytes, length),
               .consumed = frame_header_bytes + length};
}

std::array<char, frame_header_bytes> render_frame_header(FrameKind kind,
                                                         std::size_t payload_bytes) {
  check(payload_bytes <= limits::frame_bytes_max.count(), "a frame keeps frame_bytes_max");
  std::array<char, frame_header_bytes> header{};
  for (std::size_t at = 0; at < 4; ++at) {
    header[at] = static_cast<char>(payload_bytes >> (8 * at) & 0xff);
  }
  header[4] = static_cast<char>(kind);
  header[5] = static_cast<char>(frame_major);
  header[6] = static_cast<char>(frame_minor);
  return header;
}

void render_frame(std::string& out, FrameKind kind, std::string_view payload) {
  const auto header = render_frame_header(kind, payload.size());
  out.append(header.data(), header.size()).append(payload);
}

}  // namespace portolan::wire

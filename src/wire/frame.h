#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portolan::wire {

// Between two gateways a body is a sequence of frames: a header of eight bytes
// {u32 length, little endian; u8 kind; u8 major; u8 minor; u8 zero}, then that
// many bytes of payload.
enum class FrameKind : std::uint8_t {
  head = 1,       // status and fields of the answer, JSON
  data = 2,       // bytes of the answer, relayed unparsed
  heartbeat = 3,  // the executor lives; no payload
  usage = 4,      // render_usage
  receipt = 5,    // a JWS
  fault = 6,      // render_fault; the last frame
};

inline constexpr std::uint8_t frame_major = 1;
inline constexpr std::uint8_t frame_minor = 0;
inline constexpr std::size_t frame_header_bytes = 8;

struct Frame {
  FrameKind kind = FrameKind::data;  // none of the enumerators when `skip`
  std::uint8_t minor = 0;
  bool skip = false;         // a kind of a later minor version: pass over it
  std::string_view payload;  // a view of what was given
  std::size_t consumed = 0;  // header and payload
};

// The first frame of `buffered`, or nothing while bytes of it are missing.
// Fault malformed_peer: longer than frame_bytes_max, another major version, a
// last header byte that is not zero. Both are told from the header alone.
Result<std::optional<Frame>> parse_frame(std::string_view buffered);

// `payload_bytes` is at most frame_bytes_max.
std::array<char, frame_header_bytes> render_frame_header(FrameKind kind, std::size_t payload_bytes);

// Appends header and payload.
void render_frame(std::string& out, FrameKind kind, std::string_view payload);

}  // namespace portolan::wire

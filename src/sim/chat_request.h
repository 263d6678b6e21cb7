#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "sim/oracle.h"

namespace portolan::sim {

// What one client asks.
struct ChatRequest {
  std::size_t number = 0;  // makes its marker and its trace, which records name
  Question question;       // its workspace is the one whose key is shown
  std::string key;
  std::size_t gateway = 0;  // the zone whose front door is asked
  bool stream = false;
  std::size_t tokens = 8;
  std::optional<Duration> leaves_after;  // gone by then, whatever has come
};

// What that client saw.
struct Sighting {
  enum class End : std::uint8_t {
    whole,   // the answer, to its end
    broken,  // the connection failed, or was refused
    silent,  // nothing more came until the client's patience was over
    left,    // the client went away in the middle
  };

  ChatRequest asked;
  End end = End::broken;
  int status = 0;  // 0: no head came
  std::string request_id;
  std::string zone;
  std::string world;
  std::string body;
  Instant began;
  Instant ended;
};

// The deadline that every request states, and how much longer a client waits.
inline constexpr Duration request_deadline = Duration::seconds(20);
inline constexpr Duration patience_margin = Duration::seconds(3);

std::string_view name_of(Sighting::End end);

std::string render_chat_body(const ChatRequest& request);
// The trace that request begins (traceparent), 32 hexadecimal digits.
std::string trace_id_of(std::size_t number);

// Asks on a connection of its own, and returns by request_deadline and
// patience_margin at the latest.
runtime::Task<Sighting> ask_chat(runtime::Shard& shard, runtime::Address front_door,
                                 ChatRequest request);

// The text of a whole answer; nothing when its bytes are no answer. A stream must
// end in [DONE].
std::optional<std::string> text_of(const Sighting& sighting);
// The text that any engine gives to this request: the words of its prompt, over
// and over.
std::string expected_text(const ChatRequest& request);

}  // namespace portolan::sim

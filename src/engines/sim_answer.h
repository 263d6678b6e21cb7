#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace portolan::engines {

// What stays the same in all events of one answer.
struct AnswerIdentity {
  std::string id;
  std::string model;
  std::int64_t created = 0;  // Unix seconds
  bool chat = true;
};

// How far an answer has come.
struct AnswerProgress {
  std::size_t prompt = 0;     // tokens, cached ones included
  std::size_t cached = 0;     // of them
  std::size_t predicted = 0;  // tokens
  Duration prefill;
  Duration decode;  // from the first token on
};

// What an event tells beside its text.
struct Extras {
  bool usage = false;
  bool timings = false;
};

// The events of a stream in llama.cpp's shape, each as `data: {...}` and an
// empty line. A chat begins with the role; text has an event for each token;
// the finish event has no text.
std::string render_role_event(const AnswerIdentity& identity);
std::string render_text_event(const AnswerIdentity& identity, std::string_view text,
                              const AnswerProgress& progress, Extras extras);
std::string render_finish_event(const AnswerIdentity& identity, std::string_view reason,
                                const AnswerProgress& progress, Extras extras);
// With empty choices.
std::string render_usage_event(const AnswerIdentity& identity, const AnswerProgress& progress);
std::string render_done_event();

// The body of an answer that is not streamed.
std::string render_answer(const AnswerIdentity& identity, std::string_view text,
                          std::string_view reason, const AnswerProgress& progress);

}  // namespace portolan::engines

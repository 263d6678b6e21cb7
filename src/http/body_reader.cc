#include "http/body_reader.h"

#include <algorithm>

namespace portolan::http {
namespace {

using Kind = wire::Framing::Kind;

}  // namespace

BodyReader::BodyReader(Intake& intake, wire::Framing framing, Code blame)
    : intake_(intake),
      framing_(framing),
      decoder_(blame),
      left_(framing.length),
      done_(framing.kind == Kind::none || (framing.kind == Kind::length && framing.length == 0)) {}

Result<std::string_view> BodyReader::take_length() {
  const std::string_view unread = intake_.unread();
  const auto piece = unread.substr(0, std::min<std::uint64_t>(left_, unread.size()));
  give(piece.size());
  left_ -= piece.size();
  done_ = left_ == 0;
  return piece;
}

Result<std::string_view> BodyReader::take_chunks() {
  while (!done_) {
    TRY(const auto step, decoder_.next(intake_.unread()));
    done_ = step.done;
    if (!step.data.empty()) {
      give(step.consumed);
      return step.data;
    }
    intake_.consume(step.consumed);
    if (step.consumed == 0) break;
  }
  return std::string_view();
}

Result<std::string_view> BodyReader::next_buffered() {
  intake_.consume(std::exchange(given_, 0));
  if (done_) return std::string_view();
  switch (framing_.kind) {
    case Kind::none:
      break;
    case Kind::length:
      return take_length();
    case Kind::chunked:
      return take_chunks();
    case Kind::until_close: {
      const std::string_view piece = intake_.unread();
      give(piece.size());
      return piece;
    }
  }
  return std::string_view();
}

runtime::Task<Result<std::string_view>> BodyReader::next() {
  for (;;) {
    CO_TRY(const auto piece, next_buffered());
    if (!piece.empty() || done_) co_return piece;
    CO_TRY(const std::size_t came, co_await intake_.more());
    if (came > 0) continue;
    if (framing_.kind != Kind::until_close) {
      co_return Fault{Code::connection_closed, Retry::elsewhere,
                      "the peer ended the connection within a body"};
    }
    done_ = true;
  }
}

}  // namespace portolan::http

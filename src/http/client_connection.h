#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/body_reader.h"
#include "http/client.h"
#include "http/intake.h"
#include "runtime/stream.h"
#include "wire/http_head.h"

namespace portolan::http {

// The client's side of one connection: a request, its answer, and again.
//
// Lives on: the pool's shard.  Owner: the Pool while idle, else a ClientExchange.
// Invariant: stop_reading() was awaited, or nothing is pending, when it goes.
class ClientConnection final : private Intake::Watcher {
 public:
  ClientConnection(Pool& pool, std::unique_ptr<runtime::Stream> stream);

  runtime::Task<Status> send(std::string method, std::string target, OwnedFields fields,
                             std::string body);
  runtime::Task<Result<const wire::ResponseHead*>> read_head();
  runtime::Task<Result<std::string_view>> read_some();

  // Another request may follow: nothing was asked, or the answer was read to its end.
  bool may_serve_again();
  // Lent: it reads for the next answer now.
  void wake();
  // Waits for what should not come; pool.drop() hears of it.
  void rest();
  bool is_quiet() const { return !intake_.ended() && intake_.unread().empty(); }

  bool reused() const { return reused_; }
  bool reading() const { return intake_.pending(); }
  runtime::Stream& stream() { return *stream_; }
  // Ends a pending read.
  runtime::Task<void> stop_reading();

 private:
  void on_arrival() override;
  Result<bool> take_head();

  Pool& pool_;
  runtime::Shard& shard_;
  std::unique_ptr<runtime::Stream> stream_;
  Intake intake_;
  std::string method_;
  std::string lines_;
  wire::ResponseHead head_;
  std::size_t head_bytes_ = 0;  // of the head that is shown, still in the buffer
  std::optional<BodyReader> body_;
  bool served_ = false;  // a request, ever
  bool reused_ = false;
  bool asked_ = false;  // since it was lent
  bool sent_ = false;   // the request, to its end
};

}  // namespace portolan::http

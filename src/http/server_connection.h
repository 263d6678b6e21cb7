#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/body_reader.h"
#include "http/intake.h"
#include "http/server.h"
#include "http/stall_scope.h"
#include "runtime/stream.h"
#include "wire/http_head.h"

namespace portolan::http {

// One client's connection: its requests one after another, until one side ends.
//
// Lives on: the server's shard, in the frame that serves it.
// Invariants: a read is pending while a handler runs, unless the buffer is full;
// nothing is pending when serve() has returned.
class ServerConnection final : private Intake::Watcher {
 public:
  ServerConnection(Server& server, std::unique_ptr<runtime::Stream> stream);
  ~ServerConnection();

  runtime::Task<void> serve();
  // Over connections_max: the answer to a request that is not even read.
  runtime::Task<void> turn_away();

  // Ends it if no request has begun; otherwise it ends with the next answer.
  void drain();

 private:
  friend class Exchange;

  // What follows the requests: how the connection ends.
  enum class Ending : std::uint8_t { silent, polite, unread, broken };

  void on_arrival() override;

  // True: a head is there, held in the buffer. False: the client has left, or
  // nothing came in time.
  runtime::Task<Result<bool>> await_head();
  runtime::Task<Result<bool>> await_head_within(StallScope& stall);
  Result<bool> take_head();
  runtime::Task<void> give_back_buffer();
  // True when another request may follow.
  runtime::Task<bool> serve_request();
  runtime::Task<void> refuse(Fault fault, int status);
  runtime::Task<Status> await_client_end();
  runtime::Task<void> end();

  // For the Exchange.
  runtime::Task<Result<std::string>> read_body(std::size_t bytes_max);
  runtime::Task<Result<std::string>> take_body(StallScope& stall, std::size_t bytes_max);
  bool skip_body();
  // Whether the connection may go on behind the answer that is to be made now.
  void settle_request();
  // The head of the answer, staged.
  void stage_head(int status, wire::Framing framing, const OwnedFields& fields);
  void stage(std::string_view piece);
  void unstage();
  // Writes what was staged, in one go, within write_stall. After a fault the
  // connection is broken.
  runtime::Task<Status> flush();
  runtime::Task<Status> write_staged();

  Server& server_;
  runtime::Shard& shard_;
  std::unique_ptr<runtime::Stream> stream_;
  Intake intake_;
  wire::RequestHead head_;
  std::optional<BodyReader> body_;
  bool body_begun_ = false;  // somebody asked for it
  bool body_over_ = false;   // nothing of it is left on the connection
  bool keep_alive_ = false;
  Ending ending_ = Ending::silent;
  runtime::CancelScope* waiting_ = nullptr;   // of the wait for a head
  runtime::CancelScope* handling_ = nullptr;  // of the handler
  std::string lines_;                         // the staged head or chunk line
  std::array<std::string_view, runtime::Stream::write_pieces_max> pieces_;
  std::size_t piece_count_ = 0;
};

}  // namespace portolan::http

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "wire/http_head.h"

namespace portolan::http {

// A field of an answer or request that we make.
struct OwnedField {
  std::string name;
  std::string value;
  friend bool operator==(const OwnedField&, const OwnedField&) = default;
};
using OwnedFields = std::vector<OwnedField>;

class ServerConnection;

// One request on a connection, and its answer.
//
// Lives on: the connection's shard, in its frame, until the handler returns.
// The handler answers exactly once: respond(), or begin(), send()s, finish().
// What it leaves unanswered is broken off visibly. While the handler runs, the
// end of the client's side of the connection cancels it.
class Exchange {
 public:
  Exchange(ServerConnection& connection, const wire::RequestHead& head);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Valid until the handler returns.
  const wire::RequestHead& head() const { return head_; }
  runtime::Shard& shard();
  std::string peer_identity() const;  // of mutual TLS; empty without
  std::string peer_address() const;

  // The whole body. Answers `Expect: 100-continue` first. Reads nothing when the
  // head already announces more than `bytes_max`.
  // Errors: body_too_large, request_timeout (body_stall_ms), malformed_request
  // (chunks), connection_closed, cancelled. After one the connection ends with
  // the answer.
  runtime::Task<Result<std::string>> read_body(std::size_t bytes_max);

  // A whole answer with its Content-Length. When the request's body was not read,
  // the answer says `Connection: close`, nothing more is read, and the client
  // gets a while to see the answer before the connection is gone.
  runtime::Task<Status> respond(int status, OwnedFields fields, std::string body);

  // An answer in pieces, chunked (identity and close for HTTP/1.0). Each waits
  // until the kernel took the bytes; write_stall_ms bounds it. send_pieces() adds
  // several pieces as one chunk: what they show stays in place meanwhile.
  // Errors: connection_reset, timed_out, cancelled; the answer is then broken off.
  runtime::Task<Status> begin(int status, OwnedFields fields);
  runtime::Task<Status> send(std::string bytes);
  runtime::Task<Status> send_pieces(std::span<const std::string_view> pieces);
  static constexpr std::size_t send_pieces_max = 14;
  runtime::Task<Status> finish();
  // finish() with last bytes before it, in one write.
  runtime::Task<Status> finish_with(std::string bytes);

  // The client will see a broken connection instead of an end.
  void break_off();

  bool answered() const { return status_ != 0; }  // the head, at least, was given to the kernel
  bool finished() const { return finished_; }
  int status() const { return status_; }
  std::uint64_t bytes_in() const { return bytes_in_; }    // of the body, as read
  std::uint64_t bytes_out() const { return bytes_out_; }  // of the body, as handed to the kernel
  // When the head was complete.
  Instant began() const { return began_; }

 private:
  friend class ServerConnection;
  bool may_have_body(int status) const;
  std::size_t stage_chunk(std::span<const std::string_view> pieces);
  runtime::Task<Status> flush(std::size_t body_bytes);

  ServerConnection& connection_;
  const wire::RequestHead& head_;
  Instant began_;
  int status_ = 0;
  bool bare_ = false;  // the answer has no body, whatever is sent
  bool chunked_ = false;
  bool finished_ = false;
  bool broken_off_ = false;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
};

}  // namespace portolan::http

#include "gateway/receipt_sink.h"

#include <utility>

#include "seal/ed25519.h"

namespace portolan::gateway {

runtime::Task<Status> ReceiptSink::sending() {
  const Status sent = co_await sink_.sending();
  co_return sent;
}

runtime::Task<Status> ReceiptSink::begin(AnswerHead head) {
  stream_ = head.stream;
  const Status begun = co_await sink_.begin(std::move(head));
  co_return begun;
}

runtime::Task<Status> ReceiptSink::data(AnswerBytes& bytes) {
  for (const std::string_view piece : bytes.pieces) answer_.add(piece);
  const Status sent = co_await sink_.data(bytes);
  co_return sent;
}

seal::ContentDigests ReceiptSink::digests(std::string_view request) const {
  return {.request = seal::sha256_hex(request),
          .answer = answer_.hex(),
          .answer_bytes = answer_.bytes(),
          .stream = stream_};
}

}  // namespace portolan::gateway

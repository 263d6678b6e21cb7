#pragma once

#include "gateway/answer_sink.h"
#include "seal/receipt.h"
#include "seal/sha256.h"

namespace portolan::gateway {

// Passes an answer on and takes the digest of what passes: the bytes that the
// client gets, whatever was held back or taken out before. What is kept for the
// end of a stream stands behind the receipt and is not covered.
//
// Lives in: the execution's frame.
class ReceiptSink final : public AnswerSink {
 public:
  explicit ReceiptSink(AnswerSink& sink) : sink_(sink) {}

  runtime::Task<Status> sending() override;
  void enter(Phase phase) override { sink_.enter(phase); }
  runtime::Task<Status> begin(AnswerHead head) override;
  runtime::Task<Status> data(AnswerBytes& bytes) override;
  void last(const AnswerBytes& bytes) override { sink_.last(bytes); }
  void usage(const wire::UsageCounts& counts) override { sink_.usage(counts); }
  void receipt(std::string jws) override { sink_.receipt(std::move(jws)); }

  // Of this request's body and all of the answer that has passed.
  seal::ContentDigests digests(std::string_view request) const;

 private:
  AnswerSink& sink_;
  seal::Sha256 answer_;
  bool stream_ = false;
};

}  // namespace portolan::gateway

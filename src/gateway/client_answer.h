#pragma once

#include <string>
#include <utility>

#include "gateway/answer_sink.h"
#include "gateway/gateway.h"
#include "gateway/record.h"
#include "http/exchange.h"

namespace portolan::gateway {

// The client's end of an answer. A stream goes out as it comes; a whole answer
// is held until it is whole, so that up to its end another zone can take over.
// The last bytes of both wait for finish().
//
// Lives in: the request's frame, over all attempts.
// Invariants: (1) nothing has gone to the client while begun() is false;
//             (2) the record's usage counts what was handed to the connection.
class ClientAnswer final : public AnswerSink {
 public:
  ClientAnswer(Gateway& gateway, http::Exchange& exchange, Record& record, PhaseGauge& gauge)
      : gateway_(gateway), exchange_(exchange), record_(record), gauge_(gauge) {}

  // Fields that every answer of this request carries.
  void set_fields(http::OwnedFields fields) { fields_ = std::move(fields); }
  // The answer is to carry its receipt.
  void show_receipt() { shows_receipt_ = true; }
  // A new attempt, in that zone: forgets what an earlier one has said.
  void start_attempt(const std::string& zone, const std::string& region);
  // Who is asked to execute.
  void ask(const std::string& gateway) { gateway_id_ = gateway; }

  runtime::Task<Status> sending() override;
  void enter(Phase phase) override { gauge_.move_to(phase); }
  runtime::Task<Status> begin(AnswerHead head) override;
  runtime::Task<Status> data(AnswerBytes& bytes) override;
  void last(const AnswerBytes& bytes) override;
  void usage(const wire::UsageCounts& counts) override { counts_ = counts; }
  void receipt(std::string jws) override { record_.receipt = std::move(jws); }

  // The record counts what finish() delivers.
  void count_whole() { record_.usage = counts_; }
  // The last bytes of the answer. Errors: the client is gone.
  runtime::Task<Status> finish();
  // A visible end of a begun stream: an error event, then a broken connection.
  runtime::Task<void> fail(Fault fault);

  bool begun() const { return begun_; }
  int status() const { return head_.status; }

 private:
  runtime::Task<Status> begin_stream();

  Gateway& gateway_;
  http::Exchange& exchange_;
  Record& record_;
  PhaseGauge& gauge_;
  http::OwnedFields fields_;
  AnswerHead head_;
  std::string zone_;
  std::string region_;
  std::string gateway_id_;
  wire::UsageCounts counts_;  // of the bytes that come next
  std::string whole_;         // of an answer that is no stream
  std::string last_;          // of a stream
  bool shows_receipt_ = false;
  bool begun_ = false;
};

}  // namespace portolan::gateway

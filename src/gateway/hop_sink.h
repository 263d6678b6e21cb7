#pragma once

#include <string>
#include <utility>

#include "gateway/answer_sink.h"
#include "gateway/gateway.h"
#include "runtime/event.h"

namespace portolan::gateway {

// The executor's end of a hop: an answer as frames to the entry.
//
// Lives in: the hop handler's frame. Heartbeats run beside the execution, so
// writes take turns.
class HopSink final : public AnswerSink {
 public:
  HopSink(Gateway& gateway, http::Exchange& exchange)
      : gateway_(gateway), exchange_(exchange), free_(gateway.shard()) {}

  runtime::Task<Status> sending() override;
  void enter(Phase phase) override { phase_ = phase; }
  runtime::Task<Status> begin(AnswerHead head) override;
  runtime::Task<Status> data(AnswerBytes& bytes) override;
  void last(const AnswerBytes& bytes) override;
  void usage(const wire::UsageCounts& counts) override { counts_ = counts; }
  void receipt(std::string jws) override { receipt_ = std::move(jws); }

  // Tells once a second that the execution lives and where it stands, until cancelled.
  runtime::Task<Status> beat();
  // The final counts, the receipt and the last bytes, or the fault; then the end.
  runtime::Task<Status> finish();
  runtime::Task<Status> fail(Fault fault);

 private:
  runtime::Task<Status> write(std::string frames);

  Gateway& gateway_;
  http::Exchange& exchange_;
  runtime::Event free_;
  bool writing_ = false;
  Phase phase_ = Phase::connecting;
  wire::UsageCounts counts_;
  wire::UsageCounts told_;
  std::string receipt_;
  std::string last_;  // frames
};

}  // namespace portolan::gateway

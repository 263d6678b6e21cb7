#pragma once

#include <string>

#include "dialect/stream_filter.h"
#include "gateway/answer_sink.h"
#include "http/client.h"
#include "runtime/shard.h"
#include "wire/sse.h"

namespace portolan::gateway {

// One engine's answer, from its first byte to its last: read, filtered by the
// dialect, passed to a sink.
//
// Lives in: the execution's frame.
class EngineAnswer {
 public:
  EngineAnswer(runtime::Shard& shard, http::ClientExchange& connection,
               dialect::AnswerTerms terms, std::string request_id, bool stream)
      : shard_(shard),
        connection_(connection),
        terms_(terms),
        request_id_(std::move(request_id)),
        stream_(stream),
        filter_(std::move(terms)) {}

  // Errors: engine_failed and those of the connection, Retry::elsewhere; the
  // caller knows whether the client has seen a byte.
  runtime::Task<Status> relay(AnswerSink& sink);

  // What the engine has told so far, also of an answer that was cut off.
  const wire::UsageCounts& counts() const { return stream_ ? filter_.usage() : counts_; }

 private:
  runtime::Task<Status> relay_stream(AnswerSink& sink);
  runtime::Task<Status> relay_events(AnswerSink& sink);
  runtime::Task<Status> relay_whole(AnswerSink& sink);
  runtime::Task<Status> relay_refusal(int status, AnswerSink& sink);
  runtime::Task<void> read_rest();
  runtime::Task<Status> forward(dialect::FilteredEvent& event, AnswerSink& sink);
  runtime::Task<Result<std::string_view>> read_more();

  runtime::Shard& shard_;
  http::ClientExchange& connection_;
  dialect::AnswerTerms terms_;
  std::string request_id_;
  bool stream_;
  dialect::StreamFilter filter_;
  wire::SseSplitter splitter_;
  http::OwnedFields fields_;
  std::string unread_;   // bytes of an event whose end is missing
  std::string leading_;  // events before the first one with content
  wire::UsageCounts counts_{.prompt = {}, .completion = {}, .cached = {}, .estimated = true};
  bool streaming_ = false;
  bool done_ = false;
};

}  // namespace portolan::gateway

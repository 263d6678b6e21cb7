#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/exchange.h"
#include "runtime/shard.h"
#include "wire/json_value.h"

namespace portolan::http {

// An answer of an API between our own programs, or to an operator, before it is
// sent.
struct Reply {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::string allow;      // of a 405
  std::string warning{};  // to whoever reads the answer, in `portolan-warning`; no line feeds
};

// The JSON with two spaces a level: people read it with curl.
Reply json_reply(const wire::Json& json, int status = 200);

// {"error": {"code", "message", "request_id", "remedy", "retry"}}. What a peer did wrong
// is its own mistake there, no bad gateway.
Reply fault_reply(const Fault& fault, std::string_view request_id);

// The two halves of fault_reply(), for an error with more members.
wire::Json fault_json(const Fault& fault, std::string_view request_id);
Reply error_reply(int status, wire::Json error);

runtime::Task<Status> send_reply(Exchange& exchange, Reply reply);

// Names for requests in errors and logs, different from those of other starts.
class RequestIds {
 public:
  // `prefix` tells what kind of process it was.
  RequestIds(runtime::Shard& shard, std::string prefix)
      : prefix_(std::move(prefix)), start_(shard.random().next() >> 32) {}

  std::string next();

 private:
  std::string prefix_;
  std::uint64_t start_;
  std::uint64_t count_ = 0;
};

}  // namespace portolan::http

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/strong.h"
#include "base/time.h"
#include "wire/frame_payload.h"

namespace portolan::wire {

// One request as the access log tells it: who, where, what came of it, and by
// which rules. Never what was said: no body, no query, no secret has a place
// here. Views live until it is rendered.
struct AccessLine {
  WallTime time;  // when the head was read
  std::string_view request_id;
  std::string_view trace_id;

  std::string_view entry_region;
  std::string_view entry_zone;
  std::string_view entry_gateway;
  std::string_view executor_zone;  // empty when none was reached

  std::string_view workspace;
  std::string_view key_id;  // the public part of a key
  std::string_view model;
  std::string_view scope;

  std::string_view method;
  std::string_view path;  // without the query
  int status = 0;
  std::string_view code;  // of the fault; empty when there was none
  bool stream = false;

  std::uint32_t attempts = 0;
  std::uint32_t executions = 0;
  Bytes bytes_in;
  Bytes bytes_out;
  std::optional<Duration> ttft;  // none when no byte of an answer came
  Duration total;
  UsageCounts usage;

  std::string_view world;  // its hash
  std::uint64_t keyring = 0;
  std::uint64_t restrictions = 0;
};

// Appends one line of JSON with its LF. Members with nothing to say are left
// out; durations are milliseconds with three decimals.
void render_access_line(std::string& out, const AccessLine& line);

// Appends "2026-01-31T23:59:59.123Z". Years 1678 to 2262.
void append_rfc3339(std::string& out, WallTime time);

}  // namespace portolan::wire

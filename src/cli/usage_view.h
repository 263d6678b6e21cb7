#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "wire/json_value.h"

namespace portolan::cli {

// Sums of usage, as the admin API gives them, of all pages of one answer.
struct UsageReport {
  struct Sums {
    std::uint64_t requests = 0;
    std::uint64_t completed = 0;
    std::uint64_t prompt_tokens = 0;
    std::uint64_t cached_tokens = 0;
    std::uint64_t completion_tokens = 0;
    std::uint64_t estimated_requests = 0;
    friend bool operator==(const Sums&, const Sums&) = default;
  };
  struct Row {
    std::vector<std::string> group;  // a value for each of `by`
    Sums sums;
  };
  struct Freshness {
    struct Heard {
      std::string gateway;
      Duration ago;  // its last new record
    };
    std::string now;
    std::vector<Heard> heard;  // the last one heard first
    std::uint64_t gaps = 0;
    std::uint64_t missing_records = 0;
    std::uint64_t conflicts = 0;
    std::vector<std::string> unheard;  // gateways of the World
  };
  std::vector<std::string> by;
  std::vector<Row> rows;
  Sums total;
  Freshness freshness;
  wire::Json json;  // all of it, for programs
};

// One page of GET /admin/v1/usage added to those before it; `next` is what asks
// for the page behind it, or empty. Errors: malformed_peer.
Status add_page(UsageReport& report, const wire::Json& page, std::string& next);

// A table for people: how fresh it is, a line a group, a line of totals.
std::string render_usage_table(const UsageReport& report);
// RFC 4180, with a header; lines end with CR LF.
std::string render_usage_csv(const UsageReport& report);
// {"by", "rows", "total", "ledger", "gateways_not_heard_of"}
wire::Json render_usage_json(const UsageReport& report);

// Of GET /admin/v1/usage/gaps and /conflicts.
std::string render_gaps(const wire::Json& answer);
std::string render_conflicts(const wire::Json& answer);

// 1234567 as 1,234,567.
std::string group_thousands(std::uint64_t number);

}  // namespace portolan::cli

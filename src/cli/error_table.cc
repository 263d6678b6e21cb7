#include "cli/error_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <source_location>
#include <vector>

#include "base/check.h"
#include "cli/table.h"
#include "dialect/openai_error.h"
#include "wire/json_value.h"
#include "world/suggest.h"

namespace portolan::cli {
namespace {

using enum Audience;

constexpr std::array<ErrorRow, code_count> rows = {{
    {Code::missing_key, clients, Again::no},
    {Code::malformed_key, both, Again::no},
    {Code::unknown_key, both, Again::no},
    {Code::revoked_key, both, Again::no},
    {Code::expired_key, both, Again::as_told},
    {Code::admin_key_required, operators, Again::no},
    {Code::wrong_region, clients, Again::no},
    {Code::scope_denied, clients, Again::no},
    {Code::unknown_scope, clients, Again::no},
    {Code::model_not_found, clients, Again::no},
    {Code::model_denied, clients, Again::no},
    {Code::malformed_request, both, Again::no},
    {Code::malformed_json, both, Again::no},
    {Code::escaped_key, clients, Again::no},
    {Code::repeated_key, clients, Again::no},
    {Code::invalid_parameter, both, Again::no},
    {Code::path_not_found, both, Again::no},
    {Code::method_not_allowed, both, Again::no},
    {Code::request_timeout, both, Again::no},
    {Code::body_too_large, both, Again::no},
    {Code::head_too_large, both, Again::no},
    {Code::unsupported_encoding, clients, Again::no},
    {Code::unsupported_version, both, Again::no},
    {Code::rate_limited, nobody, Again::later},
    {Code::attempts_exhausted, clients, Again::elsewhere},
    {Code::engine_failed, clients, Again::as_told},
    {Code::scope_exhausted, clients, Again::later},
    {Code::world_skew, clients, Again::as_told},
    {Code::no_world, clients, Again::elsewhere},
    {Code::overloaded, both, Again::elsewhere},
    {Code::draining, clients, Again::elsewhere},
    {Code::deadline_exceeded, clients, Again::as_told},
    {Code::usage_log_full, clients, Again::elsewhere},
    {Code::receipt_not_found, both, Again::no},
    {Code::receipt_unavailable, clients, Again::as_told},
    {Code::resource_not_found, operators, Again::as_told},
    {Code::resource_conflict, operators, Again::as_told},
    {Code::change_guarded, operators, Again::no},
    {Code::invalid_resource, operators, Again::no},
    {Code::stale_version, logs, Again::no},
    {Code::bad_signature, logs, Again::no},
    {Code::cancelled, logs, Again::no},
    {Code::connection_closed, logs, Again::elsewhere},
    {Code::connection_refused, logs, Again::elsewhere},
    {Code::connection_reset, logs, Again::elsewhere},
    {Code::unreachable, logs, Again::elsewhere},
    {Code::timed_out, logs, Again::as_told},
    {Code::malformed_peer, logs, Again::as_told},
    {Code::untrusted_peer, logs, Again::as_told},
    {Code::disk_failed, operators, Again::as_told},
    {Code::disk_full, operators, Again::as_told},
    {Code::store_failed, operators, Again::as_told},
    {Code::bad_configuration, operators, Again::as_told},
    {Code::limit_exceeded, operators, Again::as_told},
}};

constexpr bool complete() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].code) != i) return false;
  }
  return true;
}
static_assert(complete(), "a Code has no row, or the rows are out of order");

std::string_view name_of(Audience audience) {
  switch (audience) {
    case clients:
      return "clients";
    case operators:
      return "operators";
    case both:
      return "clients, operators";
    case logs:
      return "logs";
    case nobody:
      return "nobody yet";
  }
  fail_check("an audience that is not in the closed set", std::source_location::current());
}

std::string_view name_of(Again again) {
  switch (again) {
    case Again::no:
      return "no";
    case Again::later:
      return "later";
    case Again::elsewhere:
      return "elsewhere";
    case Again::as_told:
      return "as told";
  }
  fail_check("an answer that is not in the closed set", std::source_location::current());
}

// Whether an answer of /v1 with that code says how many seconds to wait: asked of
// what renders it.
bool says_when(const ErrorRow& row) {
  if (row.audience != clients && row.audience != both) return false;
  const auto answer = dialect::render_error({.code = row.code, .message = ""}, {});
  return std::ranges::find(answer.fields, "retry-after", &dialect::Header::name) !=
         answer.fields.end();
}

std::string again_of(const ErrorRow& row) {
  return fmt::format("{}{}", name_of(row.again), says_when(row) ? ", after `Retry-After`" : "");
}

// The code that clients read instead, if it is another one.
std::string_view instead_of(Code code) {
  const Code shown = dialect::shown_code(code);
  return shown == code ? std::string_view() : portolan::name_of(shown);
}

wire::Json row_json(const ErrorRow& row) {
  const CodeFacts& facts = facts_of(row.code);
  auto json = wire::Json::object();
  json.set("code", facts.name);
  json.set("status", static_cast<std::int64_t>(facts.http_status));
  json.set("meaning", facts.meaning);
  json.set("remedy", facts.remedy);
  json.set("again", name_of(row.again));
  json.set("retry_after", says_when(row));
  json.set("seen_by", name_of(row.audience));
  if (const auto instead = instead_of(row.code); !instead.empty()) {
    json.set("clients_see", instead);
  }
  return json;
}

constexpr std::string_view page_head = R"md(# Errors

Written by `portolan errors -o markdown` from the closed set in `src/base/fault.h`; a test holds this page against
it. `portolan errors CODE` explains one of them.

A client of `/v1` gets OpenAI's shape, and OpenAI's SDKs raise the class of the status:

```json
{"error": {"message": "what happened, what to do (request ID)", "type": "...", "param": null,
           "code": "...", "request_id": "...", "remedy": "what to do", "retry": "never | elsewhere | later"}}
```

The head carries `portolan-request-id`, and `x-should-retry`, which the SDKs obey; of 429 and 503 also `Retry-After`
in seconds, of 401 `WWW-Authenticate`, of 405 `Allow`. An error after the first byte of a stream is an event
`data: {"error": ...}`, and the connection breaks off without `[DONE]`.

What an engine refuses as the request's fault (400, 413, 415, 422, 501) is passed on in its own words, with our
`request_id` in it. The admin API answers `{"error": {"code", "message", "request_id", "remedy", "retry"}}`; commands
end with the sentence and the code.

- **again**: whether to send the same once more; "as told": the answer says so by `retry`.
- **seen by** operators: the admin API and commands; by logs: what processes write, `code` in the access log,
  `portolan_faults_total` of `/metrics`.
)md";

constexpr std::string_view page_columns = R"(
| code | status | meaning | what to do | again | seen by |
|---|---|---|---|---|---|
)";

constexpr std::string_view page_nobody = R"(
## Reserved

Names that have their meaning already, and that nothing answers with yet.

| code | status | meaning |
|---|---|---|
)";

std::string seen_by(const ErrorRow& row) {
  const auto instead = instead_of(row.code);
  if (instead.empty()) return std::string(name_of(row.audience));
  return fmt::format("{}; clients see `{}`", name_of(row.audience), instead);
}

}  // namespace

std::span<const ErrorRow> error_rows() { return rows; }

std::string render_error_table() {
  Table table({"CODE", "STATUS", "AGAIN", "SEEN BY", "MEANING"});
  for (const ErrorRow& row : rows) {
    const CodeFacts& facts = facts_of(row.code);
    table.add({std::string(facts.name), std::to_string(facts.http_status),
               std::string(name_of(row.again)), std::string(name_of(row.audience)),
               std::string(facts.meaning)});
  }
  return table.render() + "\nportolan errors CODE says what to do.\n";
}

std::string render_error_json() {
  auto list = wire::Json::array();
  for (const ErrorRow& row : rows) list.push(row_json(row));
  return wire::render_pretty(list) + '\n';
}

std::string render_error_markdown() {
  std::string page(page_head);
  page += page_columns;
  std::string reserved;
  for (const ErrorRow& row : rows) {
    const CodeFacts& facts = facts_of(row.code);
    if (row.audience == nobody) {
      fmt::format_to(std::back_inserter(reserved), "| `{}` | {} | {} |\n", facts.name,
                     facts.http_status, facts.meaning);
      continue;
    }
    fmt::format_to(std::back_inserter(page), "| `{}` | {} | {} | {} | {} | {} |\n", facts.name,
                   facts.http_status, facts.meaning, facts.remedy, again_of(row), seen_by(row));
  }
  if (!reserved.empty()) page.append(page_nobody).append(reserved);
  return page;
}

Result<std::string> explain_error(std::string_view name) {
  const auto code = code_named(name);
  if (!code) {
    std::vector<std::string_view> names;
    for (const ErrorRow& row : rows) names.push_back(portolan::name_of(row.code));
    return Fault{Code::bad_configuration, Retry::never,
                 fmt::format("There is no code '{}'.{} 'portolan errors' lists all.", name,
                             world::did_you_mean(name, names))};
  }
  const ErrorRow& row = rows[static_cast<std::size_t>(*code)];
  const CodeFacts& facts = facts_of(*code);
  return fmt::format("{} (HTTP {})\n  {}\n  what to do: {}\n  send it again: {}\n  seen by: {}\n",
                     facts.name, facts.http_status, facts.meaning, facts.remedy, again_of(row),
                     seen_by(row));
}

}  // namespace portolan::cli

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/fault.h"
#include "base/result.h"

namespace portolan::cli {

// Who meets a code: clients of /v1, users of the admin API and of the program's
// commands, or whoever reads a process's log and metrics.
enum class Audience : std::uint8_t { clients, operators, both, logs, nobody };

// Whether the same request may be sent again, as `x-should-retry` and `retry` of
// an answer tell; `as_told`: it depends on what befell the request.
enum class Again : std::uint8_t { no, later, elsewhere, as_told };

struct ErrorRow {
  Code code;
  Audience audience;
  Again again;
};

// A row for each code, in the enumeration's order.
std::span<const ErrorRow> error_rows();

// What `portolan errors` prints: columns for people; an array for programs;
// docs/errors.md.
std::string render_error_table();
std::string render_error_json();
std::string render_error_markdown();

// All about one code, in lines of text. Errors: bad_configuration for a name
// that is no code's, with the nearest one.
Result<std::string> explain_error(std::string_view name);

}  // namespace portolan::cli

#pragma once

#include <optional>
#include <string>

#include "seal/receipt_verdict.h"
#include "wire/json_value.h"

namespace portolan::cli {

// What became of bytes that a receipt may cover.
enum class Compared : std::uint8_t { not_given, not_covered, equal };

struct ReceiptReport {
  seal::ReceiptVerdict verdict;
  Compared request = Compared::not_given;
  Compared answer = Compared::not_given;
};

// For people: a block of lines, the verdict first.
std::string render_report(const ReceiptReport& report);
// For programs: {"valid", "facts", "signed_by", "request", "answer"} or
// {"valid": false, "part", "changed", "sentence"}.
wire::Json report_json(const ReceiptReport& report);

}  // namespace portolan::cli

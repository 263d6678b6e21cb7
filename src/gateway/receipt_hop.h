#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portolan::gateway {

// How one gateway asks another for a receipt: POST `receipt_hop_path` over mutual
// TLS, with a question as body; 200 with an answer, which may be a fault.

inline constexpr std::string_view receipt_hop_path = "/hop/v1/receipt";
inline constexpr std::size_t receipt_question_bytes_max = 16 * 1024;
inline constexpr std::size_t receipt_answer_bytes_max = 64 * 1024;

// Which record it is to come from: the entry's CLOSE, which may hold it, or the
// executor's EXEC, of which one is signed now.
enum class ReceiptSource : std::uint8_t { close, exec };

struct ReceiptQuestion {
  std::string request_id;
  ReceiptSource source = ReceiptSource::close;
  // Who asks; the key itself never leaves the gateway it was shown to.
  std::string workspace;
  std::string key_id;
  friend bool operator==(const ReceiptQuestion&, const ReceiptQuestion&) = default;
};

// A receipt, or who can sign one.
struct ReceiptAnswer {
  std::string receipt;
  std::string executor_zone;
  std::string executor_gateway;
  friend bool operator==(const ReceiptAnswer&, const ReceiptAnswer&) = default;
};

std::string render_receipt_question(const ReceiptQuestion& question);
// Errors of reading: malformed_peer; unsupported_version for another major.
Result<ReceiptQuestion> parse_receipt_question(std::string_view text);

std::string render_receipt_answer(const Result<ReceiptAnswer>& answer);
// Also errors: those that the other gateway answered.
Result<ReceiptAnswer> parse_receipt_answer(std::string_view text);

}  // namespace portolan::gateway

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "seal/receipt_verdict.h"

namespace portolan::cli {

// A receipt as somebody saved it, and the answer beside it where there is one.
struct SavedReceipt {
  std::string jws;
  std::optional<std::string> answer;  // a body, with all that stands behind the receipt
};

// Finds the receipt in a bare one, in the head of an answer (curl -D or -i) or in
// the comment of a stream (curl -N). Errors: malformed_request.
Result<SavedReceipt> parse_saved_receipt(std::string_view text);

// Holds a saved answer, which may have its head before it, against the facts. Of
// a stream the digest ends before the receipt's comment, or before `data: [DONE]`
// where there is none; nothing else may stand behind.
std::optional<seal::ReceiptFlaw> find_saved_answer_flaw(const seal::ReceiptFacts& facts,
                                                        std::string_view text);

}  // namespace portolan::cli

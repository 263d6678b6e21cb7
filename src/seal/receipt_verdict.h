#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seal/receipt.h"

namespace portolan::seal {

// The parts of a receipt, and what it can be held against.
enum class ReceiptPart : std::uint8_t { form, header, chain, facts, signature, request, answer };

std::string_view name_of(ReceiptPart part);

// Why a receipt is not believed: which part was changed or does not fit, what in
// it where that can be told (facts by name, the chain's link), and a sentence.
struct ReceiptFlaw {
  ReceiptPart part = ReceiptPart::form;
  std::vector<std::string> changed;
  std::string sentence;
};

struct ReceiptVerdict {
  ReceiptFacts facts;              // to be believed only when there is no flaw
  std::vector<Certificate> chain;  // control's, the zone's
  std::optional<ReceiptFlaw> flaw;
};

// Verifies a receipt with nothing but the root's public key: no network, no
// clock. The chain must have been valid when the execution ended, so that
// receipts outlive the keys that signed them.
ReceiptVerdict verify_receipt(std::string_view jws, const VerifyKey& root);

// Holds a request's or an answer's bytes against the facts of a receipt.
std::optional<ReceiptFlaw> find_request_flaw(const ReceiptFacts& facts, std::string_view body);
// `body` ends where a receipt's comment stands.
std::optional<ReceiptFlaw> find_answer_flaw(const ReceiptFacts& facts, std::string_view body);

}  // namespace portolan::seal

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "seal/audit_chain.h"
#include "wire/json_value.h"

namespace portolan::cli {

// A page of control's audit log, as its admin API answers it.
struct AuditPage {
  seal::ChainHead head;              // of the whole log
  std::vector<std::string> entries;  // each as a line, for a ChainCheck
};

// Errors: malformed_peer.
Result<AuditPage> read_audit_page(const wire::Json& answer);

// The same for people: a line an entry, and the log's head below.
std::string render_audit_page(const wire::Json& answer);

}  // namespace portolan::cli

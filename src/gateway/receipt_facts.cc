#include "gateway/receipt_facts.h"

namespace portolan::gateway {

seal::ReceiptFacts facts_of(const Options& options, const wire::UsageExec& exec) {
  seal::ReceiptFacts facts;
  facts.network = options.network;
  facts.request_id = exec.request_id;
  facts.workspace = exec.workspace;
  facts.key_id = exec.key_id;
  facts.model = exec.model;
  facts.model_digest = exec.model_digest;
  // Nothing here has seen the engine's weights.
  facts.digest_basis = seal::DigestBasis::declared;
  facts.engine_kind = exec.engine_kind;
  facts.scope = exec.scope;
  facts.executor_region = exec.region;
  facts.executor_zone = exec.zone;
  facts.executor_gateway = options.id;
  facts.entry_zone = exec.entry_zone;
  facts.entry_gateway = exec.entry_gateway;
  facts.began = exec.began;
  facts.ended = exec.ended;
  facts.versions = exec.versions;
  facts.usage = exec.counts;
  facts.outcome = exec.outcome;
  return facts;
}

std::string_view entry_of_request(std::string_view request_id) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (int parts = 0; parts < 2; ++parts) {
    const auto dash = request_id.rfind('-');
    if (dash == request_id.npos || dash + 1 == request_id.size()) return {};
    if (request_id.find_first_not_of(hex, dash + 1) != request_id.npos) return {};
    request_id = request_id.substr(0, dash);
  }
  return request_id;
}

}  // namespace portolan::gateway

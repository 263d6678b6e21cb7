#include "seal/receipt_verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "seal/jws.h"
#include "seal/statement.h"
#include "seal/text_encoding.h"
#include "wire/json_value.h"

namespace portolan::seal {
namespace {

constexpr std::size_t links = 2;

ReceiptFlaw flaw_in(ReceiptPart part, std::string sentence, std::vector<std::string> changed = {}) {
  return {part, std::move(changed), std::move(sentence)};
}

struct Header {
  std::vector<Certificate> chain;
  std::string sums;
};

// Beside base64url and JSON, what RFC 7515 asks: the algorithm is one that is
// expected, and what the signer calls critical is understood.
std::optional<ReceiptFlaw> read_header(std::string_view text, wire::Json& json, Header& header) {
  const auto decoded = parse_base64url(text);
  if (!decoded) return flaw_in(ReceiptPart::header, "The header is damaged: it is no base64url.");
  auto parsed = parse_canonical(*decoded);
  if (!parsed) {
    return flaw_in(ReceiptPart::header, "The header is damaged: " + parsed.error().message);
  }
  json = std::move(*parsed);
  const auto algorithm = read_text(json, "alg");
  if (!algorithm || *algorithm != jws_algorithm) {
    return flaw_in(ReceiptPart::header,
                   fmt::format("The header names the algorithm '{}'; a receipt is signed by {} "
                               "and nothing else.",
                               algorithm ? *algorithm : "", jws_algorithm),
                   {"alg"});
  }
  const auto type = read_text(json, "typ");
  if (!type || *type != receipt_type || json.find("crit") || json.find("b64")) {
    return flaw_in(ReceiptPart::header, "The header is not that of a receipt.", {"typ"});
  }
  const auto sums = read_text(json, "sums");
  if (!sums) return flaw_in(ReceiptPart::header, "The header lacks the facts' sums.", {"sums"});
  header.sums = *sums;
  return std::nullopt;
}

constexpr std::string_view link_names[links] = {"control certificate", "zone certificate"};

std::optional<ReceiptFlaw> read_chain(const wire::Json& json, const VerifyKey& root,
                                      Header& header) {
  const auto* chain = json.find("chain");
  const auto* certificates = chain ? chain->as_array() : nullptr;
  if (!certificates || certificates->size() != links) {
    return flaw_in(ReceiptPart::chain,
                   "The header holds no chain of two certificates: control's and a zone's.");
  }
  for (std::size_t i = 0; i < links; ++i) {
    const std::string name(link_names[i]);
    auto certificate = read_certificate((*certificates)[i]);
    if (!certificate) {
      return flaw_in(ReceiptPart::chain,
                     fmt::format("The {} is damaged: {}", name, certificate.error().message),
                     {name});
    }
    header.chain.push_back(std::move(*certificate));
    const auto issued = verify_issued(header.chain, root);
    if (!issued) return flaw_in(ReceiptPart::chain, issued.error().message, {name});
  }
  const auto key = read_text(json, "kid");
  if (!key || *key != header.chain.back().subject.key.id()) {
    return flaw_in(ReceiptPart::header, "The header names another key than the zone's certificate.",
                   {"kid"});
  }
  return std::nullopt;
}

// The facts' text, also where it is no base64url any more: a letter that is none
// reads as zero bits, so that damage stays where it is.
std::string decode_damaged(std::string_view text) {
  std::string letters(text);
  for (char& c : letters) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                        (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!letter) c = 'A';
  }
  letters.resize(letters.size() / 4 * 4);
  return parse_base64url(letters).value_or(std::string());
}

std::string name_of_member(std::string_view member) {
  if (member.starts_with('"')) member.remove_prefix(1);
  return std::string(member.substr(0, member.find_first_of("\":")));
}

// The facts whose sums are not the ones that were signed.
std::vector<std::string> changed_facts(std::string_view facts, std::string_view sums) {
  const auto members = split_facts(facts);
  const std::string found = sums_of(members);
  const bool in_place = found.size() == sums.size();
  std::vector<std::string> changed;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto at = i * sum_characters;
    const std::string_view sum = std::string_view(found).substr(at, sum_characters);
    bool same = in_place && sums.substr(at, sum_characters) == sum;
    // Where members were joined or lost, each is looked for in any place.
    for (std::size_t other = 0; !in_place && other < sums.size(); other += sum_characters) {
      same = same || sums.substr(other, sum_characters) == sum;
    }
    if (!same) changed.push_back(name_of_member(members[i]));
  }
  return changed;
}

// The signature does not fit. The chain stands by its own signatures, so what was
// changed is the facts, their sums in the header, or the signature.
ReceiptFlaw blame(const Jws& parts, const Header& header, const Signature& signature) {
  const auto decoded = parse_base64url(parts.payload);
  const std::string facts = decoded ? *decoded : decode_damaged(parts.payload);
  auto changed = changed_facts(facts, header.sums);
  const std::string again = render_base64url(render_receipt_header(facts, header.chain)) + "." +
                            std::string(parts.payload);
  if (decoded && header.chain.back().subject.key.verifies(again, signature)) {
    return flaw_in(ReceiptPart::header, "The facts' sums in the header were changed.", {"sums"});
  }
  const bool whole = decoded && sums_of(split_facts(facts)) == header.sums;
  if (whole && parse_facts(facts)) {
    return flaw_in(ReceiptPart::signature, "The signature was changed: the facts are as signed.");
  }
  if (changed.empty()) {
    return flaw_in(ReceiptPart::facts, "The facts were changed or cut.");
  }
  auto sentence = fmt::format("The facts were changed: {} {} not what zone '{}' signed.",
                              fmt::join(changed, ", "), changed.size() == 1 ? "is" : "are",
                              header.chain.back().subject.name);
  return flaw_in(ReceiptPart::facts, std::move(sentence), std::move(changed));
}

std::optional<ReceiptFlaw> check_signature(const Jws& parts, const Header& header) {
  Signature signature;
  if (!parse_base64url(parts.signature, signature)) {
    return flaw_in(ReceiptPart::signature,
                   "The signature is damaged or cut: it is not 64 bytes of base64url.");
  }
  const VerifyKey& key = header.chain.back().subject.key;
  if (key.verifies(parts.signed_bytes(), signature)) return std::nullopt;
  return blame(parts, header, signature);
}

// What was signed, held against who may sign it.
std::optional<ReceiptFlaw> check_signer(const ReceiptFacts& facts,
                                        const std::vector<Certificate>& chain) {
  const Subject& zone = chain.back().subject;
  if (facts.network != zone.network) {
    return flaw_in(ReceiptPart::chain,
                   fmt::format("The facts are of network '{}', and a zone of network '{}' signed "
                               "them.",
                               facts.network, zone.network),
                   {"network"});
  }
  if (facts.executor_zone != zone.name) {
    return flaw_in(ReceiptPart::chain,
                   fmt::format("The facts name zone '{}', and zone '{}' signed them.",
                               facts.executor_zone, zone.name),
                   {"executor_zone"});
  }
  const auto dated = verify_dates(chain, facts.ended);
  if (dated) return std::nullopt;
  return flaw_in(ReceiptPart::chain,
                 "When the execution ended, the chain was not valid. " + dated.error().message);
}

}  // namespace

std::string_view name_of(ReceiptPart part) {
  switch (part) {
    case ReceiptPart::form:
      return "form";
    case ReceiptPart::header:
      return "header";
    case ReceiptPart::chain:
      return "chain";
    case ReceiptPart::facts:
      return "facts";
    case ReceiptPart::signature:
      return "signature";
    case ReceiptPart::request:
      return "request";
    case ReceiptPart::answer:
      return "answer";
  }
  fail_check("a part outside its enumeration", std::source_location::current());
}

ReceiptVerdict verify_receipt(std::string_view jws, const VerifyKey& root) {
  ReceiptVerdict verdict;
  const auto parts = split_jws(jws);
  if (!parts) {
    verdict.flaw = flaw_in(ReceiptPart::form,
                           "It is no receipt, or a dot was changed or its end is cut off: a "
                           "receipt is header, facts and signature, joined by dots.");
    return verdict;
  }
  wire::Json json;
  Header header;
  verdict.flaw = read_header(parts->header, json, header);
  if (!verdict.flaw) verdict.flaw = read_chain(json, root, header);
  if (!verdict.flaw) verdict.flaw = check_signature(*parts, header);
  if (verdict.flaw) return verdict;
  const auto text = parse_base64url(parts->payload);
  auto facts = text ? parse_facts(*text) : Result<ReceiptFacts>(text.error());
  if (!facts) {
    verdict.flaw = flaw_in(ReceiptPart::facts,
                           "The facts are signed and not readable: " + facts.error().message);
    return verdict;
  }
  verdict.flaw = check_signer(*facts, header.chain);
  verdict.facts = std::move(*facts);
  verdict.chain = std::move(header.chain);
  return verdict;
}

std::optional<ReceiptFlaw> find_request_flaw(const ReceiptFacts& facts, std::string_view body) {
  if (!facts.content) {
    return flaw_in(ReceiptPart::request,
                   "The receipt covers no content: it was not asked for with the request.");
  }
  if (sha256_hex(body) == facts.content->request) return std::nullopt;
  return flaw_in(ReceiptPart::request, "The request's bytes are not what the receipt covers.");
}

std::optional<ReceiptFlaw> find_answer_flaw(const ReceiptFacts& facts, std::string_view body) {
  if (!facts.content) {
    return flaw_in(ReceiptPart::answer,
                   "The receipt covers no content: it was not asked for with the request.");
  }
  if (sha256_hex(body) == facts.content->answer) return std::nullopt;
  if (body.size() != facts.content->answer_bytes) {
    return flaw_in(ReceiptPart::answer,
                   fmt::format("The answer has {} bytes, and the receipt covers {}.", body.size(),
                               facts.content->answer_bytes));
  }
  return flaw_in(ReceiptPart::answer, "The answer's bytes were changed; their number was not.");
}

}  // namespace portolan::seal

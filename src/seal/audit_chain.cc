#include "seal/audit_chain.h"

#include <fmt/format.h>

#include <charconv>

#include "seal/ed25519.h"
#include "seal/statement.h"

namespace portolan::seal {
namespace {

constexpr std::string_view entry_kind = "audit";
constexpr std::string_view export_kind = "audit-export";

Fault broken(std::string sentence) {
  return Fault{Code::invalid_resource, Retry::never, std::move(sentence)};
}

std::string with_hash(wire::Json statement, std::string& hash) {
  hash = sha256_hex(wire::render_canonical(statement));
  statement.set("hash", hash);
  return wire::render_canonical(statement);
}

struct Numbered {
  std::uint64_t number = 0;
  std::string hash;
  wire::Json statement;
};

// A statement whose hash is that of the rest of it.
Result<Numbered> read_hashed(std::string_view text, std::string_view kind) {
  Numbered read;
  TRY(read.statement, parse_canonical(text));
  TRY(read.hash, read_text(read.statement, "hash"));
  auto rest = read.statement;
  rest.erase("hash");
  if (sha256_hex(wire::render_canonical(rest)) != read.hash) {
    return broken("its hash is not that of what it says.");
  }
  TRY_DO(check_statement(rest, kind));
  TRY(read.number, read_whole(read.statement, "number"));
  return read;
}

}  // namespace

std::string render_chain_head(const ChainHead& head) {
  return fmt::format("{}:{}", head.number, head.hash);
}

Result<ChainHead> parse_chain_head(std::string_view text) {
  ChainHead head;
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, head.number);
  head.hash.assign(read.ptr, end);
  const bool hex = head.hash.find_first_not_of("0123456789abcdef", 1) == head.hash.npos;
  if (read.ec == std::errc{} && head.hash.starts_with(':') && head.hash.size() == 65 && hex) {
    head.hash.erase(0, 1);
    return head;
  }
  return Fault{Code::invalid_parameter, Retry::never,
               fmt::format("'{}' is no head of an audit log; it is NUMBER:HASH, as "
                           "'portolan audit verify' printed it.",
                           text)};
}

ChainLink link_entry(const ChainHead& head, const wire::Json& facts) {
  auto statement = make_statement(entry_kind);
  for (const auto& member : *facts.as_object()) statement.set(member.name, member.value);
  statement.set("number", head.number + 1);
  statement.set("previous", head.hash);
  ChainLink link;
  link.head.number = head.number + 1;
  link.text = with_hash(std::move(statement), link.head.hash);
  return link;
}

Status ChainCheck::follow(std::uint64_t number, std::string_view previous) const {
  const auto expected = head_.number + 1;
  if (number > expected) {
    return broken(
        fmt::format("Entry {} is missing: entry {} stands in its place. It was removed, "
                    "or entries were moved.",
                    expected, number));
  }
  if (number < expected) {
    return broken(fmt::format("Behind entry {} stands entry {}: it was inserted, or moved there.",
                              head_.number, number));
  }
  if (previous != head_.hash) {
    return broken(fmt::format("Entry {} does not follow entry {}: one of the two was replaced.",
                              number, head_.number));
  }
  return {};
}

Status ChainCheck::add(std::string_view entry) {
  const auto read = read_hashed(entry, entry_kind);
  if (!read) {
    if (read.error().code == Code::unsupported_version) return read.error();
    return broken(fmt::format("Entry {} was changed: {}", head_.number + 1, read.error().message));
  }
  const auto previous = read_text(read->statement, "previous");
  TRY_DO(follow(read->number, previous ? *previous : std::string()));
  if (remembered_ && remembered_->number == read->number && remembered_->hash != read->hash) {
    return broken(
        fmt::format("Entry {} has the hash {}, and {} is remembered: it or an entry "
                    "before it was replaced, and the log made anew from there.",
                    read->number, read->hash, remembered_->hash));
  }
  head_ = {read->number, read->hash};
  return {};
}

Status ChainCheck::end() const {
  if (!remembered_ || remembered_->number <= head_.number) return {};
  return broken(
      fmt::format("The log ends with entry {}, and entry {} is remembered: what is "
                  "behind {} was removed.",
                  head_.number, remembered_->number, head_.number));
}

std::string render_export_head(const ChainHead& head) {
  auto statement = make_statement(export_kind);
  statement.set("number", head.number);
  statement.set("end", head.hash);
  std::string hash;
  return with_hash(std::move(statement), hash);
}

Status check_export(std::string_view text, ChainCheck& check) {
  auto line_end = text.find('\n');
  const auto read = read_hashed(text.substr(0, line_end), export_kind);
  if (!read) {
    return broken(
        fmt::format("The first line, which says where the log ends, is not as "
                    "'portolan audit export' wrote it: {}",
                    read.error().message));
  }
  while (line_end != text.npos && line_end + 1 < text.size()) {
    text.remove_prefix(line_end + 1);
    line_end = text.find('\n');
    TRY_DO(check.add(text.substr(0, line_end)));
  }
  TRY(const auto hash, read_text(read->statement, "end"));
  const ChainHead& found = check.head();
  if (found.number < read->number || line_end == text.npos) {
    return broken(fmt::format("The file is cut behind entry {}: it was written with {} entries.",
                              found.number, read->number));
  }
  if (found != ChainHead{read->number, hash}) {
    return broken(fmt::format("The file ends with entry {}, and was written up to entry {}, {}.",
                              found.number, read->number, hash));
  }
  return check.end();
}

}  // namespace portolan::seal

#include "seal/statement.h"

#include <fmt/format.h>

#include "seal/text_encoding.h"

namespace portolan::seal {
namespace {

Fault malformed(std::string message) {
  return Fault{Code::malformed_peer, Retry::never, std::move(message)};
}

}  // namespace

wire::Json make_statement(std::string_view kind) {
  auto statement = wire::Json::object();
  statement.set("kind", kind);
  statement.set("major", statement_major);
  statement.set("minor", statement_minor);
  return statement;
}

Status check_statement(const wire::Json& statement, std::string_view kind) {
  TRY(const auto found, read_text(statement, "kind"));
  if (found != kind) {
    return malformed(fmt::format("It is a '{}' where a '{}' is expected.", found, kind));
  }
  TRY(const auto major, read_whole(statement, "major"));
  TRY_DO(read_whole(statement, "minor"));
  if (major != statement_major) {
    return Fault{Code::unsupported_version, Retry::never,
                 fmt::format("The {} has format version {}; this program reads {}.", kind, major,
                             statement_major)};
  }
  return {};
}

Result<std::string> read_text(const wire::Json& object, std::string_view member) {
  const auto* found = object.find(member);
  const auto* text = found ? found->as_string() : nullptr;
  if (!text) return malformed(fmt::format("The member '{}' is missing or no text.", member));
  return *text;
}

Result<std::uint64_t> read_whole(const wire::Json& object, std::string_view member) {
  const auto* found = object.find(member);
  const auto number = found ? found->as_uint64() : std::nullopt;
  if (!number) {
    return malformed(fmt::format("The member '{}' is missing or no whole number.", member));
  }
  return *number;
}

Result<Signature> read_signature(const wire::Json& object) {
  TRY(const auto text, read_text(object, "signature"));
  Signature signature;
  if (!parse_base64url(text, signature)) {
    return malformed("The member 'signature' is not 64 bytes of base64url.");
  }
  return signature;
}

Result<wire::Json> parse_canonical(std::string_view text) {
  TRY(auto json, wire::parse_json(text, Code::malformed_peer));
  if (!json.as_object() || wire::render_canonical(json) != text) {
    return malformed("It is not one JSON object in canonical form.");
  }
  return json;
}

}  // namespace portolan::seal

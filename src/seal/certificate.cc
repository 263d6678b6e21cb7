#include "seal/certificate.h"

#include <fmt/format.h>

#include "seal/statement.h"
#include "seal/text_encoding.h"
#include "wire/json_value.h"

namespace portolan::seal {
namespace {

constexpr std::string_view kind = "certificate";

// Put before what is signed, so that no other signature of the same key can be
// taken for a certificate.
constexpr std::string_view domain = "portolan certificate\n";

std::string signed_bytes(std::string_view statement) {
  return std::string(domain).append(statement);
}

Fault bad_link(const Certificate& certificate, std::string_view why) {
  return Fault{Code::bad_signature, Retry::never,
               fmt::format("The certificate of {} '{}' in network '{}' {}.",
                           name_of(certificate.subject.role), certificate.subject.name,
                           certificate.subject.network, why)};
}

// One link, whatever its dates.
Status verify_link(const Certificate& certificate, const VerifyKey& issuer) {
  if (certificate.issuer != issuer.id()) {
    return bad_link(certificate, fmt::format("was issued by key {}, and {} is trusted here",
                                             certificate.issuer, issuer.id()));
  }
  if (!issuer.verifies(signed_bytes(certificate.statement), certificate.signature)) {
    return bad_link(certificate, "has a signature that does not fit it");
  }
  return {};
}

wire::Json statement_of(const Subject& subject, const std::string& issuer) {
  auto statement = make_statement(kind);
  statement.set("issuer", issuer);
  statement.set("key", subject.key.base64url());
  statement.set("name", subject.name);
  statement.set("network", subject.network);
  statement.set("not_after", subject.not_after.unix_seconds());
  statement.set("not_before", subject.not_before.unix_seconds());
  statement.set("role", name_of(subject.role));
  return statement;
}

Result<Role> read_role(const wire::Json& statement) {
  TRY(const auto name, read_text(statement, "role"));
  if (name == name_of(Role::control)) return Role::control;
  if (name == name_of(Role::zone)) return Role::zone;
  return Fault{Code::malformed_peer, Retry::never,
               fmt::format("A certificate's role is control or zone, not '{}'.", name)};
}

Result<WallTime> read_date(const wire::Json& statement, std::string_view member) {
  // Year 2262: what nanoseconds in 64 bits can hold.
  constexpr std::int64_t seconds_max = INT64_MAX / 1'000'000'000;
  const auto* found = statement.find(member);
  const auto seconds = found ? found->as_int64() : std::nullopt;
  if (!seconds || *seconds > seconds_max || *seconds < -seconds_max) {
    return Fault{Code::malformed_peer, Retry::never,
                 fmt::format("A certificate's '{}' is no date in seconds.", member)};
  }
  return WallTime::from_unix_seconds(*seconds);
}

Result<Subject> read_subject(const wire::Json& statement) {
  Subject subject;
  TRY(subject.network, read_text(statement, "network"));
  TRY(subject.role, read_role(statement));
  TRY(subject.name, read_text(statement, "name"));
  TRY(const auto key, read_text(statement, "key"));
  if (auto parsed = VerifyKey::from_base64url(key)) {
    subject.key = *parsed;
  } else {
    return Fault{Code::malformed_peer, Retry::never, "A certificate's 'key' is no public key."};
  }
  TRY(subject.not_before, read_date(statement, "not_before"));
  TRY(subject.not_after, read_date(statement, "not_after"));
  return subject;
}

}  // namespace

std::string_view name_of(Role role) {
  switch (role) {
    case Role::control:
      return "control";
    case Role::zone:
      return "zone";
  }
  fail_check("a role outside its enumeration", std::source_location::current());
}

Certificate issue_certificate(const Subject& subject, const SigningKey& issuer) {
  Certificate certificate;
  certificate.subject = subject;
  certificate.subject.not_before = WallTime::from_unix_seconds(subject.not_before.unix_seconds());
  certificate.subject.not_after = WallTime::from_unix_seconds(subject.not_after.unix_seconds());
  certificate.issuer = issuer.verify_key().id();
  certificate.statement =
      wire::render_canonical(statement_of(certificate.subject, certificate.issuer));
  certificate.signature = issuer.sign(signed_bytes(certificate.statement));
  return certificate;
}

Status verify_issued(std::span<const Certificate> chain, const VerifyKey& root) {
  constexpr std::size_t links_max = 2;
  if (chain.empty() || chain.size() > links_max) {
    return Fault{Code::bad_signature, Retry::never,
                 "A chain has one certificate or two: control's, and a zone's."};
  }
  const Certificate& control = chain.front();
  if (control.subject.role != Role::control) {
    return bad_link(control, "stands where control's belongs");
  }
  TRY_DO(verify_link(control, root));
  if (chain.size() == 1) return {};
  const Certificate& zone = chain.back();
  if (zone.subject.role != Role::zone) return bad_link(zone, "stands where a zone's belongs");
  if (zone.subject.network != control.subject.network) {
    return bad_link(zone, "is of another network than control's");
  }
  return verify_link(zone, control.subject.key);
}

Status verify_dates(std::span<const Certificate> chain, WallTime when) {
  for (const Certificate& certificate : chain) {
    if (when < certificate.subject.not_before) {
      return bad_link(certificate, "is not valid yet; check this machine's clock");
    }
    if (when >= certificate.subject.not_after) {
      return bad_link(certificate, "has expired; control must be given a new one");
    }
  }
  return {};
}

Status verify_chain(std::span<const Certificate> chain, const VerifyKey& root, WallTime now) {
  TRY_DO(verify_issued(chain, root));
  return verify_dates(chain, now);
}

wire::Json certificate_json(const Certificate& certificate) {
  auto statement = wire::parse_json(certificate.statement);
  check(statement.has_value(), "a certificate holds its statement as JSON");
  auto json = wire::Json::object();
  json.set("signature", render_base64url(certificate.signature));
  json.set("statement", std::move(*statement));
  return json;
}

Result<Certificate> read_certificate(const wire::Json& json) {
  const auto* statement = json.find("statement");
  if (!statement || json.as_object()->size() != 2) {
    return Fault{Code::malformed_peer, Retry::never,
                 "A certificate is a 'signature' and a 'statement'."};
  }
  TRY_DO(check_statement(*statement, kind));
  Certificate certificate;
  TRY(certificate.subject, read_subject(*statement));
  TRY(certificate.issuer, read_text(*statement, "issuer"));
  TRY(certificate.signature, read_signature(json));
  certificate.statement = wire::render_canonical(*statement);
  return certificate;
}

std::string render_certificate(const Certificate& certificate) {
  return wire::render_canonical(certificate_json(certificate));
}

Result<Certificate> parse_certificate(std::string_view text) {
  TRY(const auto json, parse_canonical(text));
  return read_certificate(json);
}

}  // namespace portolan::seal

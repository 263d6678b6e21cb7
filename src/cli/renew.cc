#include "cli/renew.h"

#include <fmt/format.h>

#include "cli/admin_fault.h"
#include "cli/join_call.h"
#include "runtime/epoll_shard.h"
#include "seal/tls_request.h"
#include "wire/json_value.h"

namespace portolan::cli {
namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;

// What the folder holds.
struct Held {
  JoinedMachine machine;
  std::string key;
  std::string certificate;
  std::string authority;
  seal::Validity validity;
};

Result<Held> read_folder(runtime::Disk& disk, const JoinFiles& files) {
  Held held;
  TRY(const auto machine, disk.read(files.machine(), file_bytes_max));
  TRY(held.machine, parse_machine(machine));
  TRY(held.key, disk.read(files.key(), file_bytes_max));
  TRY(held.certificate, disk.read(files.certificate(), file_bytes_max));
  TRY(held.authority, disk.read(files.authority(), file_bytes_max));
  TRY(const auto facts, seal::read_tls_certificate(held.certificate));
  held.validity = facts.validity;
  return held;
}

WallTime due_at(const seal::Validity& validity) {
  const auto life = validity.not_after - validity.not_before;
  return validity.not_after - life / 3;
}

Result<wire::Json> ask(const Held& held) {
  auto body = wire::Json::object();
  TRY(auto asked, seal::make_tls_request(held.key));
  body.set("request", std::move(asked));
  http::Request request;
  request.method = "POST";
  request.target = "/join/v1/renew";
  request.fields = {{"content-type", "application/json"}};
  request.body = wire::render_canonical(body);
  const auto url = "https://" + held.machine.control;
  auto answer = call_control(url,
                             {.certificate = held.certificate,
                              .key = held.key,
                              .authority = held.authority,
                              .require_peer = false},
                             std::move(request));
  if (!answer) {
    Fault fault = answer.error();
    fault.message = fmt::format("control at {} cannot be asked: {}", url, fault.message);
    return fault;
  }
  if (answer->status >= 300) return fault_of_answer(answer->status, answer->body);
  return wire::parse_json(answer->body, Code::malformed_peer);
}

Result<std::string> certificate_of(const wire::Json& answer) {
  const auto* found = answer.find("certificate");
  if (found != nullptr && found->as_string() != nullptr) return *found->as_string();
  return Fault{Code::malformed_peer, Retry::never, "control's answer has no 'certificate'"};
}

Result<Renewed> take(runtime::Disk& disk, const JoinFiles& files, Held held,
                     const wire::Json& answer, WallTime now) {
  TRY(const auto certificate, certificate_of(answer));
  TRY_DO(seal::check_tls_certificate(certificate, held.key, held.authority, now));
  TRY(const auto facts, seal::read_tls_certificate(certificate));
  if (facts.identity != held.machine.identity) {
    return Fault{
        Code::untrusted_peer, Retry::never,
        fmt::format("control sent a certificate of {}; nothing was written", facts.identity)};
  }
  const auto* ends = answer.find("ends");
  if (ends != nullptr && ends->as_string() != nullptr) held.machine.ends = *ends->as_string();
  TRY_DO(disk.replace(files.certificate(), certificate));
  TRY_DO(disk.replace(files.machine(), render_machine(held.machine)));
  return Renewed{.machine = std::move(held.machine), .done = true, .due = due_at(facts.validity)};
}

}  // namespace

bool renewal_is_due(const seal::Validity& validity, WallTime now) {
  return now >= due_at(validity);
}

Result<Renewed> renew_machine(const std::string& folder, bool at_once) {
  const JoinFiles files{folder};
  runtime::EpollShard shard;
  TRY(auto held, read_folder(shard.disk(), files));
  const auto now = shard.wall_now();
  if (now >= held.validity.not_after) {
    return Fault{Code::bad_configuration, Retry::never,
                 fmt::format("the certificate in {} ended at {}; join again with a new token",
                             folder, held.machine.ends)};
  }
  if (!at_once && !renewal_is_due(held.validity, now)) {
    const auto due = due_at(held.validity);
    return Renewed{.machine = std::move(held.machine), .done = false, .due = due};
  }
  TRY(const auto answer, ask(held));
  return take(shard.disk(), files, std::move(held), answer, now);
}

}  // namespace portolan::cli

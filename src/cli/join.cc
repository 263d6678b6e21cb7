#include "cli/join.h"

#include <fmt/format.h>

#include "cli/admin_fault.h"
#include "cli/control_key.h"
#include "cli/join_call.h"
#include "runtime/epoll_shard.h"
#include "seal/join_token.h"
#include "seal/tls_request.h"
#include "wire/json_value.h"
#include "wire/url.h"

namespace portolan::cli {
namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;

Fault untrusted(std::string sentence) {
  return Fault{Code::untrusted_peer, Retry::never, std::move(sentence)};
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

// The root as the operator gave it; empty where none was.
Result<std::string> wanted_root(runtime::Disk& disk, const std::string& given) {
  const bool is_key =
      given.size() == 64 && given.find_first_not_of("0123456789abcdef") == given.npos;
  if (given.empty() || is_key) return given;
  TRY(auto text, disk.read(given, file_bytes_max));
  return trimmed(std::move(text));
}

// The key of an earlier try, or a new one.
Result<std::string> own_key(runtime::Disk& disk, const JoinFiles& files) {
  auto key = disk.read(files.key(), file_bytes_max);
  if (key || key.error().code != Code::resource_not_found) return key;
  TRY(auto made, seal::make_tls_key());
  TRY_DO(disk.replace(files.key(), made, true));
  return made;
}

// Who this folder was before; a machine that joins again keeps its name.
Result<std::string> earlier_id(runtime::Disk& disk, const JoinFiles& files) {
  const auto text = disk.read(files.machine(), file_bytes_max);
  if (!text && text.error().code == Code::resource_not_found) return std::string();
  if (!text) return text.error();
  TRY(const auto machine, parse_machine(*text));
  return machine.id;
}

std::string request_body(const JoinOrder& order, const std::string& id,
                         const std::string& request) {
  auto json = wire::Json::object();
  json.set("token", order.token);
  json.set("request", request);
  if (!order.zone.empty()) json.set("zone", order.zone);
  if (!order.role.empty()) json.set("role", order.role);
  if (!id.empty()) json.set("id", id);
  return wire::render_canonical(json);
}

Result<wire::Json> ask(const JoinOrder& order, const seal::JoinToken& token, std::string body) {
  http::Request request;
  request.method = "POST";
  request.target = "/join/v1/certificate";
  request.fields = {{"content-type", "application/json"}};
  request.body = std::move(body);
  auto answer = call_control(order.control,
                             {.certificate = {},
                              .key = {},
                              .authority = "sha256:" + token.authority,
                              .require_peer = false},
                             std::move(request));
  if (!answer) {
    Fault fault = answer.error();
    const bool stranger = fault.code == Code::untrusted_peer;
    fault.message = fmt::format(
        "control at {} {}: {}", order.control,
        stranger ? "is not of the network that made the token" : "cannot be asked", fault.message);
    return fault;
  }
  if (answer->status >= 300) return fault_of_answer(answer->status, answer->body);
  return wire::parse_json(answer->body, Code::malformed_peer);
}

// What control sent, once nothing in it is another's.
struct Taken {
  JoinedMachine machine;
  std::string certificate;
  std::string authority;
  std::string root;
};

Result<std::string> text_of(const wire::Json& json, std::string_view member) {
  const auto* found = json.find(member);
  if (found != nullptr && found->as_string() != nullptr) return *found->as_string();
  return Fault{Code::malformed_peer, Retry::never,
               fmt::format("control's answer has no '{}'", member)};
}

Result<Taken> check_answer(const wire::Json& json, const seal::JoinToken& token,
                           const std::string& key, const std::string& root, WallTime now) {
  Taken taken;
  TRY(taken.authority, text_of(json, "authority"));
  TRY(const auto fingerprint, seal::tls_fingerprint(taken.authority));
  if (fingerprint != token.authority) {
    return untrusted(
        "control sent another authority than the one that the token names; nothing "
        "was written");
  }
  TRY(taken.root, text_of(json, "root"));
  if (!root.empty() && root != taken.root) {
    return untrusted(fmt::format("control's root is {}, and --root is {}; nothing was written",
                                 taken.root, root));
  }
  TRY(taken.certificate, text_of(json, "certificate"));
  TRY_DO(seal::check_tls_certificate(taken.certificate, key, taken.authority, now));
  TRY(taken.machine, parse_machine(wire::render_canonical(json)));
  TRY(const auto facts, seal::read_tls_certificate(taken.certificate));
  if (facts.identity == taken.machine.identity) return taken;
  return untrusted(fmt::format("control says that this is {}, and its certificate {}",
                               taken.machine.identity, facts.identity));
}

// A control that listens at every address is where it was asked.
void fill_in_control(JoinedMachine& machine, const std::string& url) {
  const auto listens = runtime::parse_address(machine.control);
  const auto asked = wire::parse_url(url);
  if (!listens || !asked || (listens->host != "0.0.0.0" && listens->host != "::")) return;
  machine.control = runtime::to_string(runtime::Address{asked->host, listens->port});
}

}  // namespace

Result<JoinedMachine> join_network(const JoinOrder& order) {
  TRY(const auto token, seal::parse_join_token(order.token));
  const JoinFiles files{order.folder};
  runtime::EpollShard shard;
  auto& disk = shard.disk();
  TRY(const auto root, wanted_root(disk, order.root));
  TRY_DO(disk.make_folder(files.folder));
  TRY(const auto key, own_key(disk, files));
  TRY(const auto before, earlier_id(disk, files));
  TRY(const auto request, seal::make_tls_request(key));
  const auto& id = order.id.empty() ? before : order.id;
  TRY(const auto answer, ask(order, token, request_body(order, id, request)));
  TRY(auto taken, check_answer(answer, token, key, root, shard.wall_now()));
  fill_in_control(taken.machine, order.control);
  taken.machine.public_key.clear();  // that is not control's to say
  if (taken.machine.role == "control") {
    TRY(taken.machine.public_key, settle_control_key(shard, files.signing_key()));
  }
  TRY_DO(disk.replace(files.authority(), taken.authority));
  TRY_DO(disk.replace(files.root(), taken.root + "\n"));
  TRY_DO(disk.replace(files.certificate(), taken.certificate));
  TRY_DO(disk.make_folder(files.data()));
  TRY_DO(disk.replace(files.machine(), render_machine(taken.machine)));
  return std::move(taken.machine);
}

}  // namespace portolan::cli

#include "cli/admin_client.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "cli/admin_fault.h"
#include "cli/http_call.h"
#include "cli/join_call.h"
#include "runtime/epoll_shard.h"

namespace portolan::cli {
namespace {

constexpr std::size_t network_file_bytes_max = 4 * 1024 * 1024;

}  // namespace

Fault fault_of_answer(int status, const std::string& body) {
  const Fault unknown{Code::store_failed, Retry::never,
                      "control answers " + std::to_string(status) + ": " + body};
  const auto json = wire::parse_json(body, Code::malformed_peer);
  const wire::Json* error = json ? json->find("error") : nullptr;
  const wire::Json* code = error != nullptr ? error->find("code") : nullptr;
  const wire::Json* message = error != nullptr ? error->find("message") : nullptr;
  if (code == nullptr || message == nullptr) return unknown;
  if (code->as_string() == nullptr || message->as_string() == nullptr) return unknown;
  Fault fault{code_named(*code->as_string()).value_or(Code::store_failed), Retry::never,
              *message->as_string()};
  const wire::Json* problems = error->find("problems");
  if (problems == nullptr || problems->as_array() == nullptr) return fault;
  for (const wire::Json& problem : *problems->as_array()) {
    const auto text = [&](std::string_view name) {
      const wire::Json* member = problem.find(name);
      return member != nullptr && member->as_string() != nullptr ? *member->as_string() : "";
    };
    const auto number = [&](std::string_view name) {
      const wire::Json* member = problem.find(name);
      return std::to_string(member != nullptr ? member->as_int64().value_or(0) : 0);
    };
    fault.message += "\n" + text("file") + ":" + number("line") + ":" + number("column") + ": " +
                     text("sentence");
  }
  return fault;
}

Result<AdminAccess> access_of_home(const std::string& home) {
  runtime::EpollShard shard;
  const auto text = shard.disk().read(home + "/network.json", network_file_bytes_max);
  if (!text) {
    return Fault{Code::bad_configuration, Retry::never,
                 "no network is described in " + home +
                     "/network.json; start one with 'portolan up', or name control with --admin "
                     "and PORTOLAN_ADMIN_KEY"};
  }
  TRY(const wire::Json json, wire::parse_json(*text, Code::bad_configuration));
  const wire::Json* admin = json.find("admin");
  const wire::Json* url = admin != nullptr ? admin->find("url") : nullptr;
  const wire::Json* key = admin != nullptr ? admin->find("key") : nullptr;
  if (url == nullptr || key == nullptr || url->as_string() == nullptr ||
      key->as_string() == nullptr) {
    return Fault{Code::bad_configuration, Retry::never,
                 home + "/network.json names no admin URL and key; run 'portolan up' again"};
  }
  return AdminAccess{*url->as_string(), *key->as_string()};
}

namespace {

Result<http::Answer> call(const AdminAccess& access, http::Request request) {
  if (access.authority.empty()) return call_url(access.url, std::move(request));
  runtime::TlsMaterial trust;
  trust.authority = access.authority;
  return call_control(access.url, std::move(trust), std::move(request));
}

// What to look at when control could not be asked.
const char* advice_for(const Fault& fault) {
  if (fault.code == Code::invalid_parameter) return "nothing was sent";
  if (fault.code != Code::untrusted_peer) return "is 'portolan up' running?";
  return "--admin-ca or PORTOLAN_ADMIN_CA names the file with the network's TLS authority";
}

// The body of an answer that is none of an error.
Result<std::string> ask_admin(const AdminAccess& access, std::string method, std::string target,
                              std::string body) {
  http::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.fields = {{"authorization", "Bearer " + access.key},
                    {"content-type", "application/yaml"}};
  request.body = std::move(body);
  auto answer = call(access, std::move(request));
  if (!answer) {
    Fault fault = answer.error();
    const char* advice = advice_for(fault);
    fault.message =
        fmt::format("control at {} cannot be reached ({}); {}", access.url, fault.message, advice);
    return fault;
  }
  const auto warning = answer->field("portolan-warning");
  if (!warning.empty()) fmt::print(stderr, "note: {}\n", warning);
  if (answer->status >= 300) return fault_of_answer(answer->status, answer->body);
  return std::move(answer->body);
}

}  // namespace

Result<wire::Json> call_admin(const AdminAccess& access, std::string method, std::string target,
                              std::string body) {
  TRY(const auto answer, ask_admin(access, std::move(method), std::move(target), std::move(body)));
  if (answer.empty()) return wire::Json::object();
  return wire::parse_json(answer, Code::malformed_peer);
}

Result<std::string> read_admin(const AdminAccess& access, std::string target) {
  return ask_admin(access, "GET", std::move(target), "");
}

}  // namespace portolan::cli

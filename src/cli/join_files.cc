#include "cli/join_files.h"

#include <fmt/format.h>

#include "wire/json_value.h"
#include "wire/url.h"

namespace portolan::cli {
namespace {

constexpr const char* any_front_door = "0.0.0.0:8080";
constexpr const char* any_hop = "0.0.0.0:7403";
constexpr const char* any_meter = "0.0.0.0:7402";
constexpr const char* any_control = "0.0.0.0:7401";

using Words = std::vector<std::string>;

void append(Words& words, Words more) {
  for (auto& word : more) words.push_back(std::move(word));
}

Words tls_words(const JoinFiles& files) {
  return {"--tls-certificate", files.certificate(), "--tls-key",
          files.key(),         "--tls-authority",   files.authority()};
}

// HOST:PORT of a front door's URL; empty for one that something else serves by TLS.
std::string address_of(const std::string& url) {
  const auto parsed = wire::parse_url(url);
  if (!parsed || parsed->tls) return "";
  return fmt::format("{}:{}", parsed->host.contains(':') ? "[" + parsed->host + "]" : parsed->host,
                     parsed->port);
}

std::string first_of(std::initializer_list<std::string> choices) {
  for (const auto& choice : choices) {
    if (!choice.empty()) return choice;
  }
  return "";
}

void add_gateway(Words& words, const JoinedMachine& machine, const JoinFiles& files,
                 const StartPlaces& places) {
  append(words, {"--id", machine.id, "--zone", machine.zone, "--root", files.root(), "--control",
                 machine.control});
  for (const auto& meter : machine.meters) append(words, {"--meter", meter});
  append(words, {"--hop", first_of({places.hop, machine.hop, any_hop}), "--listen",
                 first_of({places.listen, address_of(machine.url), any_front_door})});
}

void add_control(Words& words, const JoinedMachine& machine, const JoinFiles& files,
                 const StartPlaces& places) {
  append(words, {"--gateways", first_of({places.listen, any_control}), "--signing-key",
                 files.signing_key(), "--certificate", files.signing_certificate()});
  for (const auto& meter : machine.meters) append(words, {"--meter", meter});
}

Result<std::string> text_of(const wire::Json& json, std::string_view member) {
  const auto* found = json.find(member);
  if (found != nullptr && found->as_string() != nullptr) return *found->as_string();
  return Fault{Code::bad_configuration, Retry::never, fmt::format("'{}' is missing", member)};
}

}  // namespace

std::string render_machine(const JoinedMachine& machine) {
  auto json = wire::Json::object();
  json.set("network", machine.network);
  json.set("role", machine.role);
  json.set("id", machine.id);
  json.set("zone", machine.zone);
  json.set("identity", machine.identity);
  json.set("ends", machine.ends);
  json.set("control", machine.control);
  auto meters = wire::Json::array();
  for (const auto& meter : machine.meters) meters.push(meter);
  json.set("meters", std::move(meters));
  if (!machine.url.empty()) json.set("url", machine.url);
  if (!machine.hop.empty()) json.set("hop", machine.hop);
  if (!machine.public_key.empty()) json.set("public_key", machine.public_key);
  return wire::render_pretty(json) + "\n";
}

Result<JoinedMachine> parse_machine(std::string_view text) {
  TRY(const auto json, wire::parse_json(text, Code::bad_configuration));
  JoinedMachine machine;
  TRY(machine.network, text_of(json, "network"));
  TRY(machine.role, text_of(json, "role"));
  TRY(machine.id, text_of(json, "id"));
  TRY(machine.zone, text_of(json, "zone"));
  TRY(machine.identity, text_of(json, "identity"));
  TRY(machine.ends, text_of(json, "ends"));
  TRY(machine.control, text_of(json, "control"));
  machine.url = text_of(json, "url").value_or("");
  machine.hop = text_of(json, "hop").value_or("");
  machine.public_key = text_of(json, "public_key").value_or("");
  const auto* meters = json.find("meters");
  if (meters == nullptr || meters->as_array() == nullptr) return machine;
  for (const auto& meter : *meters->as_array()) {
    if (meter.as_string() != nullptr) machine.meters.push_back(*meter.as_string());
  }
  return machine;
}

std::vector<std::string> start_command(const JoinedMachine& machine, const JoinFiles& files,
                                       const StartPlaces& places, const std::string& program) {
  Words words = {program, machine.role, "--network", machine.network, "--data", files.data()};
  if (machine.role == "gateway") {
    add_gateway(words, machine, files, places);
  } else if (machine.role == "control") {
    add_control(words, machine, files, places);
  } else {
    append(words, {"--listen", first_of({places.listen, any_meter})});
  }
  append(words, tls_words(files));
  return words;
}

}  // namespace portolan::cli

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace portolan::cli {

// What a machine that has joined keeps in a folder of its own.
struct JoinFiles {
  std::string folder;

  std::string key() const { return folder + "/machine.key"; }  // secret, never leaves
  std::string certificate() const { return folder + "/machine.pem"; }
  std::string authority() const { return folder + "/authority.pem"; }
  std::string root() const { return folder + "/root.pub"; }
  std::string machine() const { return folder + "/machine.json"; }  // written last
  // Of a control: what it signs Worlds by, and the root's word for that.
  std::string signing_key() const { return folder + "/control.key"; }  // secret, never leaves
  std::string signing_certificate() const { return folder + "/control.certificate"; }
  std::string data() const { return folder + "/data"; }
};

// Who it became, and where it finds the rest of the network.
struct JoinedMachine {
  std::string network;
  std::string role;  // gateway, meter or control
  std::string id;
  std::string zone;
  std::string identity;             // as its certificate says it
  std::string ends;                 // of the certificate, a date
  std::string control;              // HOST:PORT for gateways
  std::vector<std::string> meters;  // HOST:PORT
  std::string url;                  // of a gateway, as the World says; empty: it does not
  std::string hop;
  std::string public_key{};  // of a control, hex: the root has to vouch for it
  friend bool operator==(const JoinedMachine&, const JoinedMachine&) = default;
};

std::string render_machine(const JoinedMachine& machine);
// Errors: bad_configuration.
Result<JoinedMachine> parse_machine(std::string_view text);

// Where its process is to listen, HOST:PORT; empty: as the World says, else at
// every address of the machine.
struct StartPlaces {
  std::string listen;
  std::string hop;
};

// The words that start its role. A control's signing certificate is to be put in the folder first.
std::vector<std::string> start_command(const JoinedMachine& machine, const JoinFiles& files,
                                       const StartPlaces& places, const std::string& program);

}  // namespace portolan::cli

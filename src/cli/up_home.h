#pragma once

#include <string>

namespace portolan::cli {

// Where `up` keeps what belongs to one network: $PORTOLAN_HOME.
struct Home {
  std::string folder;  // absolute

  std::string lock() const { return folder + "/lock"; }
  std::string ports() const { return folder + "/ports.json"; }
  std::string network_file() const { return folder + "/network.json"; }
  std::string world() const { return folder + "/world.yaml"; }      // as applied, URLs filled in
  std::string applied() const { return folder + "/applied.yaml"; }  // the last one that was true
  std::string ready() const { return folder + "/ready"; }
  std::string ready(const std::string& file) const { return ready() + "/" + file; }
  std::string admin_key() const { return folder + "/admin.key"; }
  std::string authority() const { return folder + "/authority"; }
  std::string control() const { return folder + "/control"; }
  std::string meter() const { return folder + "/meter"; }
  std::string gateway(const std::string& id) const { return folder + "/gateways/" + id; }
  std::string logs() const { return folder + "/logs"; }
  std::string log(const std::string& process) const { return logs() + "/" + process + ".log"; }
  std::string python() const { return folder + "/venv/bin/python"; }
};

}  // namespace portolan::cli

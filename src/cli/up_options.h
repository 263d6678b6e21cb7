#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace portolan::cli {

// Who answers at engines that a World gives no URL.
enum class EngineChoice : std::uint8_t {
  local,  // llama.cpp, a process for each zone
  sim,    // the simulator, one process for all zones
  none,   // nobody: the World names all engines that there are
};

// One `portolan up`, as `app` reads it from flags.
struct UpOptions {
  std::string world;               // file; empty: the worlds/local.yaml that belongs to the program
  std::string home;                // folder
  std::vector<std::string> ready;  // files of what is to be opened later, by an operator
  EngineChoice engines = EngineChoice::local;
  bool print = false;                 // the commands, and start nothing
  std::string address = "127.0.0.1";  // host of our listeners, but for engines'; another one: print
  bool restart = true;                // children that die
  bool plain = false;                 // no table that is drawn in place
  bool quiet = false;                 // nothing after the URLs
  bool rotate_control_key = false;    // control signs by a new key, certified by the root
  std::string waves = "at-once";      // or paced: how control sends a World that follows another
  std::optional<std::uint16_t> base_port;
  std::string gateway_binary;  // empty: this program
  std::vector<std::string> gateway_args;
  std::vector<std::string> sim_args;

  // Of the environment; empty where it says nothing.
  std::string share;   // PORTOLAN_SHARE
  std::string python;  // PORTOLAN_PYTHON
  std::string model;   // PORTOLAN_MODEL, a GGUF file
  std::string path;    // PATH
};

}  // namespace portolan::cli

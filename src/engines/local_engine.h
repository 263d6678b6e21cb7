#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong.h"

namespace portolan::engines {

// A llama.cpp engine on this machine.
struct LocalEngine {
  std::string model_file;  // GGUF
  std::string alias;       // the model's name in answers; empty: the file's path
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::size_t slots = 2;    // requests answered at once; more wait at the engine
  Tokens context = {2048};  // of one request, prompt and answer together
  std::size_t threads = 1;  // of computing; see threads_for
};

// What this machine has to run it with: paths, empty where there is none.
struct LocalPrograms {
  std::string llama_server;  // llama.cpp's own; preferred
  std::string python;        // one that has the package xllamacpp ...
  std::string script;        // ... and engines/llamacpp.py
};

// A process to be started. `environment` is added to what the process inherits.
struct Command {
  struct Variable {
    std::string name;
    std::string value;
    friend bool operator==(const Variable&, const Variable&) = default;
  };
  std::vector<std::string> arguments;  // the program's path first
  std::vector<Variable> environment;
};

// How to start it. Errors: bad_configuration, for a port of 0, a count of 0, or
// a machine that has neither program.
Result<Command> command_of(const LocalEngine& engine, const LocalPrograms& programs);

// Threads of each of so many engines that share a machine. llama.cpp's threads
// wait for each other by spinning: six engines with two threads each on two
// CPUs were seen to be 28 times slower than with one.
std::size_t threads_for(std::size_t engines, std::size_t cpus);

// The first executable file of that name in the folders of `path`, which is as
// the variable PATH.
std::optional<std::string> find_program(std::string_view name, std::string_view path);

}  // namespace portolan::engines

#pragma once

#include <string>

#include "base/result.h"
#include "cli/up_home.h"
#include "cli/up_options.h"
#include "engines/local_engine.h"

namespace portolan::cli {

// What of this machine `up` runs, and the files that came with the program.
struct Programs {
  std::string portolan;           // this program
  std::string gateway;            // the one that runs gateways, usually the same
  std::string share;              // folder that holds worlds/ and engines/
  engines::LocalPrograms engine;  // for local engines alone
  std::string model_file;         // the same; GGUF
  std::size_t cpus = 1;
};

// Looks at files, starts nothing. Errors: bad_configuration, saying what is
// missing, where it was looked for, and what would bring it.
Result<Programs> find_programs(const UpOptions& options, const Home& home);

}  // namespace portolan::cli

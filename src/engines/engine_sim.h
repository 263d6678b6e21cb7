#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engines/sim_engine.h"
#include "runtime/disk.h"
#include "runtime/network.h"
#include "runtime/shard.h"

namespace portolan::engines {

struct EngineSimOptions {
  std::vector<runtime::Address> listen;  // an engine for each; port 0: any free one
  SimOptions engine;
  std::string record;  // a file that every request is appended to; empty: none
};

// One or several simulated engines in one process, named engine-1, engine-2 ...
//
// Lives on: one shard.  Owner: the process's root task, or a test.
// close() must be awaited before it is destroyed.
class EngineSim {
 public:
  // Errors: bad_configuration, and those of Network::listen and of the disk.
  static Result<std::unique_ptr<EngineSim>> open(runtime::Shard& shard,
                                                 const EngineSimOptions& options);

  runtime::Task<void> close();

  const std::vector<std::unique_ptr<SimEngine>>& engines() const { return engines_; }

 private:
  EngineSim() = default;

  std::unique_ptr<runtime::AppendFile> record_;
  std::vector<std::unique_ptr<SimEngine>> engines_;
};

// Where the engines listen: a line `listening NAME URL` for each, or an array
// of {"name","url"} in JSON.
std::string render_listening(const EngineSim& sim);
std::string render_listening_json(const EngineSim& sim);

}  // namespace portolan::engines

#pragma once

#include <string>
#include <vector>

#include "cli/up_plan.h"

namespace portolan::cli {

// A word as a POSIX shell reads it back: quoted only where it must be.
std::string quote_for_shell(const std::string& word);

// The commands of a plan, each one line for a shell: its processes, which run
// until they are ended, then what makes the World and the keys.
std::vector<std::string> render_commands(const Plan& plan, const Home& home,
                                         const Programs& programs);

// What `up` tells when the network stands: URLs, keys, and two requests to paste.
struct Introduction {
  struct Workspace {
    std::string name;
    std::string scope;
    std::string key;
  };
  const world::Contents& world;
  const std::vector<ReadyFile>& ready;
  const std::string& admin_url;
  std::vector<Workspace> workspaces;
};
std::string render_introduction(const Introduction& introduction, const Home& home);

}  // namespace portolan::cli

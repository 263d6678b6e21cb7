#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "world/node.h"
#include "world/problem.h"

namespace portolan::world {

inline constexpr Limit source_bytes_max{"source_bytes_max", 16 * 1024 * 1024,
                                        "resources_max resources of a few hundred bytes"};
inline constexpr Limit source_nodes_max{"source_nodes_max", 1'000'000,
                                        "keys, values and lists of one source file"};
inline constexpr Limit source_depth_max{"source_depth_max", 32,
                                        "maps and lists inside of each other"};

// Reads YAML 1.2, and with it JSON: every document of `text`, empty ones left
// out. Anchors, aliases and tags are refused, because with them a small file
// means a large one. What is wrong is added to `problems` under `file`; the
// result is then what came before it.
std::vector<Node> parse_documents(const std::string& file, std::string_view text,
                                  ProblemList& problems);

}  // namespace portolan::world

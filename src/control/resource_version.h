#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "world/problem.h"

namespace portolan::control {

// What a document says about the version it was made from.
struct WrittenVersion {
  std::string kind;
  std::string name;
  std::uint64_t version = 0;
  friend bool operator==(const WrittenVersion&, const WrittenVersion&) = default;
};

// Takes `metadata.resourceVersion` out of every document of `text`, which is
// control's business and part of no resource. Puts spaces in its place, so that
// all else stays at its line and column. What is wrong with one is a problem;
// what is wrong with the rest is left for who reads it.
std::vector<WrittenVersion> take_resource_versions(const std::string& file, std::string& text,
                                                   world::ProblemList& problems);

}  // namespace portolan::control

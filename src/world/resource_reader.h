#pragma once

#include <string>
#include <vector>

#include "world/node.h"
#include "world/problem.h"
#include "world/resource.h"

namespace portolan::world {

// A resource as an operator wrote it, and the document it was read from.
struct ReadResource {
  Resource resource;
  std::string file;
  Node document;
};

// Reads every document of one source file. Problems with a document do not hide
// those of the next; a resource is returned when at least its kind and name are
// known, so that others may refer to it.
std::vector<ReadResource> read_resources(const std::string& file, const std::string& text,
                                         ProblemList& problems);

}  // namespace portolan::world

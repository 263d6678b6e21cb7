#pragma once

#include <string>
#include <vector>

#include "world/problem.h"
#include "world/resource.h"

namespace portolan::world {

struct SourceFile {
  std::string name;  // as problems call it
  std::string text;  // YAML or JSON, any number of documents
};

// What came of reading some files. With problems, `contents` is as much as could
// be read and must not be used for more than showing.
struct Validation {
  Contents contents;              // what was there, with the change made
  std::vector<Resource> changed;  // what the files say, in their order
  std::vector<Problem> problems;  // all of them, by file and line

  bool ok() const { return problems.empty(); }
};

// Reads `files` as a change to `existing` and checks the whole that results: a
// resource of the same kind and name is replaced, any other is added, and
// references are looked up in both. `portolan world validate` has nothing
// existing; control's apply hands in what it stores. For a deletion, remove() it
// from `existing` and validate no files: a reference that would dangle is then a
// problem of the resource that refers, in the file "stored Kind/name".
Validation validate(const std::vector<SourceFile>& files, const Contents& existing = {});

}  // namespace portolan::world

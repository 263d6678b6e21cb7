#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "world/problem.h"
#include "world/resource.h"
#include "world/resource_reader.h"

namespace portolan::world {

// All resources that are to be one network, each with where it was written, so
// that what is wrong between two of them can be shown at its place.
class ResourceSet {
 public:
  // A resource that is stored already has no document.
  struct Entry {
    Resource resource;
    std::string file;
    std::optional<Node> document;
  };

  void add_stored(Resource resource);
  // Takes the place of a stored one. A second one that was read under the same
  // kind and name is a problem, and is dropped.
  void add_read(ReadResource read, ProblemList& problems);

  const Entry* find(Kind kind, std::string_view name) const;

  // Calls visit(entry, value) for every resource of type T, sorted by name.
  template <class T, class Visit>
  void for_each(Visit visit) const {
    for (const auto& [name, entry] : entries_) {
      if (const T* value = std::get_if<T>(&entry.resource)) visit(entry, *value);
    }
  }

  std::vector<std::string_view> names(Kind kind) const;
  Contents contents() const;

  // A problem of `entry` at `path` in its document, as in "spec/zone".
  static void report(ProblemList& problems, const Entry& entry, std::string_view path,
                     std::string sentence);
  // "file:line" of an entry, for sentences about another one.
  static std::string where(const Entry& entry);

 private:
  std::map<std::pair<Kind, std::string>, Entry> entries_;
};

}  // namespace portolan::world

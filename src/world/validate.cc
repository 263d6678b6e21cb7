#include "world/validate.h"

#include <utility>

#include "model/keyring.h"
#include "model/world.h"
#include "world/check_references.h"
#include "world/check_resource.h"
#include "world/resource_reader.h"
#include "world/resource_set.h"

namespace portolan::world {
namespace {

// Reads the files into the set, and checks what each resource says by itself.
std::vector<Resource> read_change(const std::vector<SourceFile>& files, ResourceSet& set,
                                  ProblemList& problems) {
  std::vector<Resource> changed;
  for (const SourceFile& file : files) {
    for (ReadResource& read : read_resources(file.name, file.text, problems)) {
      check_resource(read.resource, [&](std::string_view path, std::string sentence) {
        // What is missing or could not be read was reported as just that.
        const Place place = place_of(read.document, path);
        if (!has_path(read.document, path) || problems.has_one_at(read.file, place)) return;
        problems.add({read.file, place, std::move(sentence)});
      });
      changed.push_back(read.resource);
      set.add_read(std::move(read), problems);
    }
  }
  return changed;
}

// The model has the last word: what passes here makes a World and a Keyring.
void check_with_model(const Contents& contents, ProblemList& problems) {
  const auto world = model::World::make(contents.network, {}, {});
  if (!world) problems.add({"the whole", {}, world.error().message});
  const auto keyring = model::Keyring::make({contents.orgs, contents.workspaces, {}}, {});
  if (!keyring) problems.add({"the whole", {}, keyring.error().message});
}

}  // namespace

Validation validate(const std::vector<SourceFile>& files, const Contents& existing) {
  ProblemList problems;
  ResourceSet set;
  for (Resource& resource : resources_of(existing)) set.add_stored(std::move(resource));
  Validation validation;
  validation.changed = read_change(files, set, problems);
  check_references(set, problems);
  validation.contents = set.contents();
  if (problems.empty()) check_with_model(validation.contents, problems);
  validation.problems = problems.take_sorted();
  return validation;
}

}  // namespace portolan::world

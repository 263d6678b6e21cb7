#include "world/resource_set.h"

#include <fmt/format.h>

namespace portolan::world {
namespace {

void append(Contents& contents, const model::Region& region) {
  contents.network.regions.push_back(region);
}
void append(Contents& contents, const model::Zone& zone) { contents.network.zones.push_back(zone); }
void append(Contents& contents, const model::Model& model) {
  contents.network.models.push_back(model);
}
void append(Contents& contents, const model::Deployment& deployment) {
  contents.network.deployments.push_back(deployment);
}
void append(Contents& contents, const model::Scope& scope) {
  contents.network.scopes.push_back(scope);
}
void append(Contents& contents, const model::Rule& rule) { contents.network.rules.push_back(rule); }
void append(Contents& contents, const model::Org& org) { contents.orgs.push_back(org); }
void append(Contents& contents, const model::Workspace& workspace) {
  contents.workspaces.push_back(workspace);
}
void append(Contents& contents, const model::ParityTarget& target) {
  contents.parity_targets.push_back(target);
}
void append(Contents& contents, const model::Opening& opening) {
  contents.openings.push_back(opening);
}
void append(Contents& contents, const model::PriceBook& book) {
  contents.network.price_books.push_back(book);
}

}  // namespace

void ResourceSet::add_stored(Resource resource) {
  const std::pair key{kind_of(resource), name_of(resource)};
  auto file = fmt::format("stored {}/{}", name_of(key.first), key.second);
  entries_.insert_or_assign(key, Entry{std::move(resource), std::move(file), std::nullopt});
}

void ResourceSet::add_read(ReadResource read, ProblemList& problems) {
  const std::pair key{kind_of(read.resource), name_of(read.resource)};
  Entry entry{std::move(read.resource), std::move(read.file), std::move(read.document)};
  const auto found = entries_.find(key);
  if (found != entries_.end() && found->second.document) {
    report(problems, entry, "metadata/name",
           fmt::format("The {} '{}' is written twice, first at {}.", name_of(key.first), key.second,
                       where(found->second)));
    return;
  }
  entries_.insert_or_assign(key, std::move(entry));
}

const ResourceSet::Entry* ResourceSet::find(Kind kind, std::string_view name) const {
  const auto found = entries_.find(std::pair(kind, std::string(name)));
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> ResourceSet::names(Kind kind) const {
  std::vector<std::string_view> names;
  for (const auto& [key, entry] : entries_) {
    if (key.first == kind) names.push_back(key.second);
  }
  return names;
}

Contents ResourceSet::contents() const {
  Contents contents;
  for (const auto& [key, entry] : entries_) {
    std::visit([&](const auto& value) { append(contents, value); }, entry.resource);
  }
  return contents;
}

void ResourceSet::report(ProblemList& problems, const Entry& entry, std::string_view path,
                         std::string sentence) {
  const Place place = entry.document ? place_of(*entry.document, path) : Place{};
  problems.add({entry.file, place, std::move(sentence)});
}

std::string ResourceSet::where(const Entry& entry) {
  if (!entry.document) return entry.file;
  return fmt::format("{}:{}", entry.file, place_of(*entry.document, "metadata/name").line);
}

}  // namespace portolan::world

#include "world/resource.h"

#include <algorithm>

namespace portolan::world {
namespace {

// Calls visit with the contents' vector of that kind.
template <class Contents, class Visit>
void visit_kind(Contents& contents, Kind kind, Visit visit) {
  switch (kind) {
    case Kind::region:
      return visit(contents.network.regions);
    case Kind::zone:
      return visit(contents.network.zones);
    case Kind::model:
      return visit(contents.network.models);
    case Kind::deployment:
      return visit(contents.network.deployments);
    case Kind::scope:
      return visit(contents.network.scopes);
    case Kind::rule:
      return visit(contents.network.rules);
    case Kind::org:
      return visit(contents.orgs);
    case Kind::workspace:
      return visit(contents.workspaces);
    case Kind::parity_target:
      return visit(contents.parity_targets);
    case Kind::opening:
      return visit(contents.openings);
    case Kind::price_book:
      return visit(contents.network.price_books);
  }
}

// The first place in a sorted vector that is not before `name`.
auto lower_bound(auto& sorted, std::string_view name) {
  return std::ranges::lower_bound(sorted, name, {},
                                  [](const auto& each) { return std::string_view(each.name); });
}

}  // namespace

std::optional<Kind> kind_named(std::string_view name) {
  const auto found = std::ranges::find(kind_names, name);
  if (found == kind_names.end()) return std::nullopt;
  return static_cast<Kind>(found - kind_names.begin());
}

const std::string& name_of(const Resource& resource) {
  return std::visit([](const auto& value) -> const std::string& { return value.name; }, resource);
}

std::vector<Resource> resources_of(const Contents& contents) {
  std::vector<Resource> resources;
  for (std::size_t kind = 0; kind < kind_names.size(); ++kind) {
    visit_kind(contents, static_cast<Kind>(kind), [&](const auto& values) {
      resources.insert(resources.end(), values.begin(), values.end());
    });
  }
  return resources;
}

std::optional<Resource> find(const Contents& contents, Kind kind, std::string_view name) {
  std::optional<Resource> found;
  visit_kind(contents, kind, [&](const auto& values) {
    const auto at = lower_bound(values, name);
    if (at != values.end() && at->name == name) found = *at;
  });
  return found;
}

void put(Contents& contents, Resource resource) {
  visit_kind(contents, kind_of(resource), [&](auto& values) {
    using T = std::remove_reference_t<decltype(values)>::value_type;
    T& value = std::get<T>(resource);
    const auto at = lower_bound(values, value.name);
    if (at != values.end() && at->name == value.name) {
      *at = std::move(value);
    } else {
      values.insert(at, std::move(value));
    }
  });
}

bool remove(Contents& contents, Kind kind, std::string_view name) {
  bool removed = false;
  visit_kind(contents, kind, [&](auto& values) {
    const auto at = lower_bound(values, name);
    removed = at != values.end() && at->name == name;
    if (removed) values.erase(at);
  });
  return removed;
}

}  // namespace portolan::world

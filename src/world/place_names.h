#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "world/resource_set.h"

namespace portolan::world {

// The places of a network under every name that a scope may give them: zones,
// regions, groups, country:XX and *.
class PlaceNames {
 public:
  using Zones = std::set<std::string_view>;

  // `set` outlives this.
  explicit PlaceNames(const ResourceSet& set);

  // The zones of that name, or null when nothing has it. A country that ISO
  // 3166-1 knows has a name, and perhaps no zone.
  const Zones* find(std::string_view member) const;
  bool is_group(std::string_view name) const { return groups_.contains(name); }

  std::vector<std::string_view> names() const;
  std::vector<std::string_view> groups() const { return {groups_.begin(), groups_.end()}; }

 private:
  std::map<std::string, Zones, std::less<>> zones_;
  std::set<std::string_view> groups_;
};

}  // namespace portolan::world

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/opening.h"
#include "model/parity_target.h"
#include "model/resources.h"

namespace portolan::world {

// One thing that an operator writes, of any kind.
using Resource = std::variant<model::Region, model::Zone, model::Model, model::Deployment,
                              model::Scope, model::Rule, model::Org, model::Workspace,
                              model::ParityTarget, model::Opening, model::PriceBook>;

// In the order of Resource's alternatives.
enum class Kind : std::uint8_t {
  region,
  zone,
  model,
  deployment,
  scope,
  rule,
  org,
  workspace,
  parity_target,
  opening,
  price_book
};

inline constexpr std::array<std::string_view, std::variant_size_v<Resource>> kind_names = {
    "Region", "Zone",      "Model",        "Deployment", "Scope",    "Rule",
    "Org",    "Workspace", "ParityTarget", "Opening",    "PriceBook"};

inline std::string_view name_of(Kind kind) { return kind_names[static_cast<std::size_t>(kind)]; }
std::optional<Kind> kind_named(std::string_view name);

inline Kind kind_of(const Resource& resource) { return static_cast<Kind>(resource.index()); }
const std::string& name_of(const Resource& resource);

// Every resource of a network, its customers and its operator, sorted by name within each kind.
struct Contents {
  model::Network network;
  std::vector<model::Org> orgs;
  std::vector<model::Workspace> workspaces;
  std::vector<model::ParityTarget> parity_targets{};
  std::vector<model::Opening> openings{};
  friend bool operator==(const Contents&, const Contents&) = default;
};

std::vector<Resource> resources_of(const Contents& contents);
std::optional<Resource> find(const Contents& contents, Kind kind, std::string_view name);

// Puts it in, or in the place of the one with its kind and name.
void put(Contents& contents, Resource resource);
// Whether there was such a resource.
bool remove(Contents& contents, Kind kind, std::string_view name);

}  // namespace portolan::world

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/parity_target.h"
#include "policy/offers.h"

namespace portolan::policy {

// Whether one of these names it: itself, a group, country:XX or *.
bool lies_in(const model::Region& region, const std::vector<std::string>& places);

// One thing that a region is to have of a model: the model itself, a feature, at
// least so much of a limit, a price, or one that is no higher.
struct ParityItem {
  enum class Kind : std::uint8_t {
    model,
    feature,
    context,
    slots,
    price,
    input_price,
    output_price
  };

  Kind kind = Kind::model;
  std::string feature{};
  // Tokens a request, requests at once, or billionths of the currency for a million tokens.
  std::uint64_t amount = 0;
  std::string currency{};  // of prices
  friend auto operator<=>(const ParityItem&, const ParityItem&) = default;
};
std::string_view name_of(ParityItem::Kind kind);
bool is_price(ParityItem::Kind kind);

struct ParityRow {
  RegionIndex region;
  ModelIndex model;
  ParityItem item;
  std::optional<Missing> missing;  // nothing: the region has it
  std::uint64_t found = 0;         // of a limit or price
  std::vector<std::string> rules;  // that deny it
  std::string target;              // that asks for it first; empty: the implied one
  WallTime by{INT64_MAX};

  bool overdue(WallTime now) const { return missing && by <= now; }
};

// What the targets ask of each region, and whether it is there: by region, then
// model, then item, each once. Of several targets that ask for the same the
// earliest date counts; what a target names and this World does not have is not
// asked for. `offers` are list_offers() of that World; prices are those of `now`.
std::vector<ParityRow> measure_parity(const model::World& world,
                                      const std::vector<model::ParityTarget>& targets,
                                      const std::vector<Offer>& offers, WallTime now);

// How much of what is asked is there.
struct ParityShare {
  std::uint64_t wanted = 0;
  std::uint64_t has = 0;
  std::uint64_t overdue = 0;

  void add(const ParityRow& row, WallTime now);
  std::uint64_t gaps() const { return wanted - has; }
  // Rounded down, so that 1000 is all of it; where nothing is asked, all is there.
  std::uint64_t per_mille() const { return wanted == 0 ? 1000 : has * 1000 / wanted; }
};

}  // namespace portolan::policy

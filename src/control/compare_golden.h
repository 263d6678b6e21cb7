#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "world/inspection.h"

namespace portolan::control {

// The golden prompts as one zone answered them last.
struct GoldenZone {
  std::string zone{};
  std::string gateway{};  // that was asked
  WallTime asked{};       // by control's clock
  std::string why{};      // nothing was heard of it
  std::vector<world::EngineInspection> engines{};
  friend bool operator==(const GoldenZone&, const GoldenZone&) = default;
};

enum class GoldenKind : std::uint8_t {
  odd,          // most zones say otherwise
  split,        // zones say different things, and none is what most say
  contradicts,  // the engine says something against itself
  unheard,      // it could not be asked, or not all of it
};
std::string_view name_of(GoldenKind kind);

// What is wrong with one engine.
struct GoldenFinding {
  GoldenKind kind = GoldenKind::odd;
  std::string zone{};
  std::string engine{};  // URL; empty: the whole zone
  std::string fact{};    // "template", "tokenizer", "weights", "prompt tokens of X", "output of X"
  std::string said{};
  std::string others{};  // what most say; of an odd one
  friend bool operator==(const GoldenFinding&, const GoldenFinding&) = default;
};

// One model over all zones that have it. Of an engine that differs in several facts the first is
// what the rest may come from: another template makes other tokens, and those another answer.
struct GoldenModel {
  std::string model{};
  std::size_t zones = 0;    // that were heard
  std::size_t engines = 0;  // the same
  std::vector<GoldenFinding> findings{};
  bool agrees() const { return findings.empty(); }
};

// By model. A fact is what most zones say: more than half of those that say it. Facts that an
// engine does not tell are compared with nobody.
std::vector<GoldenModel> compare_golden(const std::vector<GoldenZone>& zones);

}  // namespace portolan::control

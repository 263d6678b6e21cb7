#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/atlas.h"

namespace portolan::sim {

// What of a request decides where it may be processed.
struct Question {
  std::string workspace;
  std::string scope;                // the header portolan-scope; empty: none
  std::vector<std::string> only;    // of the body
  std::vector<std::string> ignore;  // of the body
};

// P1 once more, from the resources as they were written, in sets of names. It
// shares no code with what it judges: slow, and plain enough to be checked by
// reading.
class Oracle {
 public:
  Oracle(const Atlas& atlas, std::size_t edition) : atlas_(atlas), edition_(edition) {}

  // May this zone process the request at that date?
  bool allows(const Question& question, std::size_t zone, WallTime date) const;
  // Is this zone's front door surely open to it? Where a body narrows, a region's
  // other zones open more doors than are counted here.
  bool lets_in(const Question& question, std::size_t door, WallTime date) const;

 private:
  using Names = std::vector<std::string>;

  bool is_member(const std::string& member, std::size_t zone) const;
  bool in_any(const Names& members, std::size_t zone) const;
  const AtlasScope& scope(const std::string& name) const;
  const AtlasWorkspace& workspace(const std::string& name) const;
  bool in_scopes(const Names& scopes, std::size_t zone) const;
  bool opens(const Names& scopes) const;
  bool in_lists(const Question& question, std::size_t zone) const;
  bool lawful(const AtlasRule& rule, std::size_t zone) const;

  const Atlas& atlas_;
  std::size_t edition_;
};

}  // namespace portolan::sim

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace portolan::virtual_time {

// What is wrong between the machines of a Universe, each way by itself. Wrongs
// may overlap: a way is whole again when all of them are over.
//
// Lives on: one thread.  Owner: a Universe.
class Links {
 public:
  // One way between two machines, by their names.
  struct Way {
    std::string from;
    std::string to;
  };

  void block(const Way& way) { ++ways_[{way.from, way.to}].blocks; }
  // Whether nothing blocks it any more.
  bool unblock(const Way& way) { return --ways_[{way.from, way.to}].blocks == 0; }
  // Whatever takes that way takes so much longer.
  void slow_down(const Way& way, Duration by) { ways_[{way.from, way.to}].delay = by; }

  bool blocked(std::string_view from, std::string_view to) const {
    const State* state = find(from, to);
    return state != nullptr && state->blocks > 0;
  }
  Duration delay(std::string_view from, std::string_view to) const {
    const State* state = find(from, to);
    return state == nullptr ? Duration{} : state->delay;
  }

 private:
  struct State {
    int blocks = 0;
    Duration delay;
  };

  const State* find(std::string_view from, std::string_view to) const {
    if (ways_.empty()) return nullptr;
    const auto found = ways_.find({std::string(from), std::string(to)});
    return found == ways_.end() ? nullptr : &found->second;
  }

  std::map<std::pair<std::string, std::string>, State> ways_;
};

}  // namespace portolan::virtual_time

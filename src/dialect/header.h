#pragma once

#include <string>
#include <vector>

namespace portolan::dialect {

// A field of a head that we make. Names are lower case.
struct Header {
  std::string name;
  std::string value;
  friend bool operator==(const Header&, const Header&) = default;
};
using Headers = std::vector<Header>;

}  // namespace portolan::dialect

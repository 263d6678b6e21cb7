#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace portolan::control {

// One thing that the admin API does. In a pattern, {} stands for any one segment.
template <class Serve>
struct AdminRoute {
  std::string_view method;
  std::string_view pattern;
  Serve serve;
};

// The segments that stand for {}, decoded; nothing when the path is another.
std::optional<std::vector<std::string>> match_path(std::string_view pattern, std::string_view path);

// A parameter of a query that is a whole number from 1 on; `usual` where it is
// missing. Errors: invalid_parameter.
Result<std::uint64_t> whole_parameter(std::string_view query, std::string_view name,
                                      std::uint64_t usual);

// " Did you mean /admin/v1/keys?", or nothing.
std::string suggest_path(std::string_view path, std::span<const std::string_view> patterns);

}  // namespace portolan::control

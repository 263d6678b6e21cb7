#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "wire/usage_record.h"

namespace portolan::sim {

// What stands in the usage logs of all gateways: by the format alone, read from
// the files that are left, with no code of the gateway's.
struct UsageRead {
  std::map<std::string, std::size_t> opens;                     // by request id
  std::map<std::string, std::vector<wire::UsageClose>> closes;  // by request id
  // Of one gateway: the numbers of each epoch, in the order of its log.
  using Numbers = std::map<std::uint64_t, std::vector<std::uint64_t>>;
  std::map<std::string, Numbers> numbers;
};

// Adds one gateway's files, by path.
void read_usage(const std::string& gateway, const std::map<std::string, std::string>& files,
                UsageRead& read);

}  // namespace portolan::sim

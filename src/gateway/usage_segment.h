#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/usage_record.h"

namespace portolan::gateway {

// A segment of a gateway's usage log: <epoch, 8 hex>-<index, 6 hex>.usage. In
// order of the log.
struct SegmentName {
  std::uint64_t epoch = 0;
  std::uint64_t index = 0;  // from 1
  friend auto operator<=>(const SegmentName&, const SegmentName&) = default;
};

std::string render_segment_name(SegmentName name);
// Nothing when no segment is called so.
std::optional<SegmentName> parse_segment_name(std::string_view name);

// The records in the bytes of a segment, one after the other; what is damaged is
// passed over and remembered.
//
// Lives on: the reader's stack. The bytes outlive it and what it gives.
class SegmentWalk {
 public:
  struct Damage {
    std::size_t offset = 0;
    std::size_t bytes = 0;
    std::string what;
    // Nothing whole stands behind it: where the log was cut by the end of its
    // process or machine.
    bool at_end = false;
  };

  explicit SegmentWalk(std::string_view bytes, std::size_t from = 0) : bytes_(bytes), at_(from) {}

  // Nothing at the end.
  std::optional<wire::RawUsageRecord> next();

  // Behind the last record.
  std::size_t position() const { return at_; }
  const std::vector<Damage>& damages() const { return damages_; }

 private:
  std::string_view bytes_;
  std::size_t at_;
  std::vector<Damage> damages_;
};

}  // namespace portolan::gateway

#include "gateway/usage_segment.h"

#include <fmt/format.h>

#include <charconv>

namespace portolan::gateway {
namespace {

constexpr std::string_view suffix = ".usage";
constexpr std::size_t epoch_digits = 8;
constexpr std::size_t index_digits = 6;

std::optional<std::uint64_t> parse_hex(std::string_view digits) {
  std::uint64_t number = 0;
  const auto end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, number, 16);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return number;
}

}  // namespace

std::string render_segment_name(SegmentName name) {
  return fmt::format("{:08x}-{:06x}{}", name.epoch, name.index, suffix);
}

std::optional<SegmentName> parse_segment_name(std::string_view name) {
  if (name.size() < epoch_digits + 1 + index_digits + suffix.size()) return std::nullopt;
  const std::size_t dash = name.find('-');
  if (dash == std::string_view::npos || !name.ends_with(suffix)) return std::nullopt;
  const auto epoch = parse_hex(name.substr(0, dash));
  const auto index = parse_hex(name.substr(dash + 1, name.size() - suffix.size() - dash - 1));
  if (!epoch || !index) return std::nullopt;
  const SegmentName parsed{.epoch = *epoch, .index = *index};
  if (render_segment_name(parsed) != name) return std::nullopt;
  return parsed;
}

std::optional<wire::RawUsageRecord> SegmentWalk::next() {
  for (;;) {
    const auto record = wire::read_usage_record(bytes_.substr(at_));
    if (record && *record) {
      at_ += (*record)->bytes.size();
      return *record;
    }
    const auto found = wire::find_usage_record(bytes_, at_);
    if (!found && record) return std::nullopt;
    damages_.push_back({.offset = at_,
                        .bytes = found.value_or(bytes_.size()) - at_,
                        .what = record ? "zeros where records were" : record.error().message,
                        .at_end = !found});
    if (!found) return std::nullopt;
    at_ = *found;
  }
}

}  // namespace portolan::gateway

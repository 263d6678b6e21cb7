#include "gateway/epoch.h"

#include <algorithm>
#include <charconv>

namespace portolan::gateway {

Result<std::uint64_t> raise_epoch(runtime::Disk& disk, const std::string& folder, WallTime now) {
  const std::string path = folder + "/epoch";
  constexpr std::size_t digits_max = 20;
  std::uint64_t epoch = 0;
  const auto text = disk.read(path, digits_max);
  if (text) {
    const auto parsed = std::from_chars(text->data(), text->data() + text->size(), epoch);
    if (parsed.ec != std::errc{}) {
      return Fault{
          Code::disk_failed, Retry::never,
          path + " holds no number; restore it, or start with an empty folder and a new id"};
    }
  } else if (text.error().code != Code::resource_not_found) {
    return text.error();
  }
  const auto seconds = std::max<std::int64_t>(now.unix_seconds(), 0);
  epoch = std::max(epoch + 1, static_cast<std::uint64_t>(seconds));
  TRY_DO(disk.replace(path, std::to_string(epoch)));
  return epoch;
}

}  // namespace portolan::gateway

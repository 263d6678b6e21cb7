#include "policy/restriction_pace.h"

#include <fmt/format.h>

namespace portolan::policy {

std::optional<Objection> object_to_pace(std::deque<Instant>& recent, Instant now) {
  while (!recent.empty() && now - recent.front() >= Duration::seconds(60)) recent.pop_front();
  if (recent.size() < restrictions_per_minute_max.count()) return std::nullopt;
  return Objection{
      "too fast", fmt::format("{} restrictions were set within a minute; {} is {}.", recent.size(),
                              restrictions_per_minute_max.name, restrictions_per_minute_max.value)};
}

}  // namespace portolan::policy

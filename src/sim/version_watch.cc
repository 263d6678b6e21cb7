#include "sim/version_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "virtual/virtual_shard.h"
#include "wire/json_value.h"

namespace portolan::sim {
namespace {

constexpr std::array<std::string_view, 3> kinds = {"world", "keyring", "restrictions"};

std::uint64_t number_in(const wire::Json& json) {
  const wire::Json* number = json.find("number");
  return number == nullptr ? 0
                           : static_cast<std::uint64_t>(number->as_int64().value_or(0));
}

std::string hash_in(const wire::Json& json) {
  const wire::Json* hash = json.find("hash");
  return hash != nullptr && hash->as_string() != nullptr ? *hash->as_string() : std::string();
}

}  // namespace

void VersionWatch::see_file(const std::string& machine, std::string_view path,
                            std::string_view bytes, Instant now) {
  if (!path.ends_with("/seen.json")) return;
  const auto json = wire::parse_json(bytes);
  if (!json) return;
  for (const std::string_view name : kinds) {
    const wire::Json* member = json->find(name);
    if (member == nullptr) continue;
    const std::uint64_t number = number_in(*member);
    std::uint64_t& highest = on_disk_[machine][std::string(name)];
    if (number < highest) {
      problems_.push_back(fmt::format("the disk of {} went back from {} {} to {}", machine, name,
                                      highest, number));
    }
    highest = std::max(highest, number);
    auto& worlds = worlds_[machine];
    if (name == "world" && (worlds.empty() || worlds.back().number != number)) {
      worlds.push_back({now, number, hash_in(*member)});
    }
  }
  const wire::Json* floor = json->find("world_floor");
  if (floor != nullptr) see_floor(machine, number_in(*floor), on_disk_[machine]["world"]);
}

void VersionWatch::see_floor(const std::string& machine, std::uint64_t floor,
                             std::uint64_t newest) {
  auto& older = older_[machine];
  for (const HeldVersion& held : worlds_[machine]) {
    if (held.number < floor || held.number >= newest) continue;
    const auto known = std::ranges::find(older, held.number, &HeldVersion::number);
    if (known == older.end()) older.push_back(held);
  }
}

void VersionWatch::compare(const std::string& gateway, const Told& earlier, const Told& later) {
  for (const auto& [kind, number] : earlier.numbers) {
    const auto found = later.numbers.find(kind);
    if (found == later.numbers.end() || number <= found->second) continue;
    auto text = fmt::format("{} told of {} {} and of {}, the higher one first", gateway, kind,
                            number, found->second);
    if (kind == "world") {
      steps_back_.push_back({gateway, found->second, std::move(text)});
    } else {
      problems_.push_back(std::move(text));
    }
  }
}

// Each poll arrives as it was written, in one piece.
void VersionWatch::see(const virtual_time::Delivery& delivery) {
  if (delivery.to.name() != "control" || !delivery.bytes.starts_with("POST /control/")) return;
  const auto body = delivery.bytes.find("\r\n\r\n");
  if (body == delivery.bytes.npos) return;
  const auto json = wire::parse_json(delivery.bytes.substr(body + 4));
  if (!json) return;
  Told told{delivery.sent, {}};
  for (const std::string_view name : kinds) {
    const wire::Json* member = json->find(name);
    const wire::Json* version = member == nullptr ? nullptr : member->find("version");
    if (version != nullptr) told.numbers[std::string(name)] = number_in(*version);
  }
  const std::string& gateway = delivery.from.name();
  for (const Told& other : told_[gateway]) {
    if (other.sent < told.sent) compare(gateway, other, told);
    if (other.sent > told.sent) compare(gateway, told, other);
  }
  if (!told.numbers.empty()) told_[gateway].push_back(std::move(told));
}

const std::vector<HeldVersion>& VersionWatch::worlds(const std::string& gateway) const {
  static const std::vector<HeldVersion> none;
  const auto found = worlds_.find(gateway);
  return found == worlds_.end() ? none : found->second;
}

const std::vector<HeldVersion>& VersionWatch::older_that_may_decide(
    const std::string& gateway) const {
  static const std::vector<HeldVersion> none;
  const auto found = older_.find(gateway);
  return found == older_.end() ? none : found->second;
}

}  // namespace portolan::sim

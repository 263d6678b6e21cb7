#include "virtual/virtual_shard.h"

#include <utility>

#include "virtual/universe.h"

namespace portolan::virtual_time {

VirtualShard::VirtualShard(Universe& universe, std::string name, std::uint64_t seed)
    : Shard(seed),
      universe_(universe),
      name_(std::move(name)),
      network_(universe, *this),
      disk_(*this) {}

VirtualShard::~VirtualShard() = default;

Instant VirtualShard::now() const { return universe_.now(); }

WallTime VirtualShard::wall_now() const {
  return first_day + Duration::nanoseconds(universe_.now().ns) + clock_error_;
}

void VirtualShard::fill_secret(std::span<unsigned char> bytes) {
  for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(random().next());
}

void VirtualShard::report(std::string_view sentence) { universe_.note(name_, sentence); }

void VirtualShard::start_offload(runtime::OffloadedWork& work) {
  work.run();
  make_ready(work);
}

}  // namespace portolan::virtual_time

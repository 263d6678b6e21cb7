#pragma once

#include <memory>
#include <string>
#include <vector>

#include "control/opening_facts.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/task.h"

namespace portolan::control {

// One request that a front door is to answer.
struct FrontDoorQuestion {
  std::string door{};     // base URL, with or without /v1
  std::string gateway{};  // empty: the region's door
  std::string zone{};     // of the gateway
  std::string model{};
  bool streamed = false;
  std::string key{};                // its text
  std::string scope{};              // of `portolan-scope`; empty: none is sent
  std::vector<std::string> only{};  // zones that the body narrows to; none: it does not
};

// Asks for a chat completion of opening_probe_tokens on a connection of its own, and tells what
// came within opening_probe_ms_max and opening_probe_bytes_max. By `trust` an https door has
// to show a certificate of the host in its URL. No redirect is followed.
//
// Where the caller is cancelled, `why` says so.
runtime::Task<FrontDoorProbe> probe_front_door(runtime::Shard& shard,
                                               std::shared_ptr<const runtime::Credentials> trust,
                                               FrontDoorQuestion question);

}  // namespace portolan::control

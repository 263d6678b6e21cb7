#pragma once

#include <string>

#include "base/result.h"
#include "control/open_store.h"
#include "runtime/shard.h"

namespace portolan::app {

// What follows --store: "etcd://HOST:PORT,HOST:PORT[?ca=FILE&certificate=FILE&key=FILE]";
// the files are read. Errors: bad_configuration; those of the disk.
Result<store::EtcdMembers::Options> read_etcd(runtime::Shard& shard, const std::string& text);

// A place of a store, as a command names it, and its name for sentences.
struct NamedPlace {
  control::StorePlace place;
  std::string name;
};
// "sqlite:FOLDER", or as read_etcd().
Result<NamedPlace> read_place(runtime::Shard& shard, const std::string& text);

}  // namespace portolan::app

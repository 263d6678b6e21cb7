#pragma once

#include "model/version.h"
#include "world/accept.h"
#include "world/shape.h"

// What was seen of a document, for world/shape.h's directions.
namespace portolan::model {

template <class Fields>
void describe(Fields& fields, Version& version) {
  fields.text("network", version.network, world::Need::required);
  fields.whole("epoch", version.epoch);
  fields.whole("number", version.number);
}

}  // namespace portolan::model

namespace portolan::world {

template <class Fields>
void describe(Fields& fields, Seen& seen) {
  fields.object("version", seen.version, Need::required);
  fields.text("hash", seen.hash, Need::required);
}

}  // namespace portolan::world

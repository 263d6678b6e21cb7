#pragma once

#include <vector>

#include "policy/may_enter.h"

namespace portolan::policy {

// The models that this key can run now from this entry, by name: exactly those
// that allowed_zones would allow or refuse for a while only. Health and drains do
// not count, so that a list does not flicker; denied zones do.
std::vector<ModelIndex> list_models(const model::View& view, const Caller& caller,
                                    const EntryGrant& grant, WallTime now);

}  // namespace portolan::policy

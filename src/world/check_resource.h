#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "world/resource.h"

namespace portolan::world {

// Takes a problem at a path of the resource's document, as in "spec/country".
using Report = std::function<void(std::string_view path, std::string sentence)>;

// Everything that can be said of a resource alone: names, countries, places on
// Earth, URLs, digests, dates in order. References are check_references.h.
void check_resource(const Resource& resource, const Report& report);

}  // namespace portolan::world

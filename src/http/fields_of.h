#pragma once

#include <vector>

#include "http/exchange.h"
#include "wire/fields.h"

namespace portolan::http {

// Views of the fields, as a head is rendered from them.
inline std::vector<wire::Field> views_of(const OwnedFields& fields) {
  std::vector<wire::Field> views;
  views.reserve(fields.size());
  for (const OwnedField& field : fields) views.push_back({field.name, field.value});
  return views;
}

}  // namespace portolan::http

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire/json_cursor.h"

namespace portolan::cli {

// One of what GET /admin/v1/products answers, without its regions.
struct Product {
  std::string name;
  std::uint64_t context = 0;
  std::vector<std::string> features;
  std::vector<std::string> aliases;
};
// Errors of reading: malformed_peer.
Result<Product> read_product(const wire::JsonCursor& product);
// Why a region does not serve it, with the rules.
Result<std::string> why_not(const wire::JsonCursor& offer);
// The features that a region which serves it does not give: "without tools".
Result<std::vector<std::string>> less_there(const wire::JsonCursor& offer, const Product& product);

// What GET /admin/v1/products answers, for people: each model with its context
// and features and how many regions serve it, then where it is not served or has
// less, and why, and what it costs where it is served. Errors: malformed_peer.
Result<std::string> render_products(const wire::Json& answer, std::size_t columns);

}  // namespace portolan::cli

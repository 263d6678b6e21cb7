#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "seal/catalogue.h"

namespace portolan::cli {

// A file of signed catalogues, a region on each line, and what is to be thought of them.
struct CatalogueFile {
  std::vector<seal::VerifiedCatalogue> verified;
  std::vector<std::string> refused;  // "line 2: ..."

  bool is_valid() const { return refused.empty() && !verified.empty(); }
};
CatalogueFile verify_catalogues(std::string_view text, const seal::VerifyKey& root);

// For people: what is wrong, or who signed what and when, and each region's models.
// Errors: malformed_peer for models that are not as control lists them.
Result<std::string> render_catalogues(const CatalogueFile& file, std::size_t columns);
wire::Json catalogues_json(const CatalogueFile& file);

}  // namespace portolan::cli

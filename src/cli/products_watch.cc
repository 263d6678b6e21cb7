#include "cli/products_watch.h"

#include <utility>

#include "cli/products_view.h"

namespace portolan::cli {

Result<policy::Catalogue> read_catalogue(const wire::Json& answer) {
  const wire::JsonCursor json(answer, Code::malformed_peer);
  TRY(const auto products, json.elements("products"));
  policy::Catalogue catalogue;
  for (const auto& product : products) {
    TRY(const auto shown, read_product(product));
    TRY(const auto offers, product.elements("regions"));
    for (const auto& offer : offers) {
      TRY(const auto region, offer.text("region"));
      policy::Catalogue::Offer read;
      TRY(read.served, offer.boolean("has"));
      if (read.served) {
        TRY(read.less, less_there(offer, shown));
      } else {
        TRY(read.why, why_not(offer));
      }
      catalogue.offers.emplace(std::pair(shown.name, std::string(region)), std::move(read));
    }
  }
  return catalogue;
}

}  // namespace portolan::cli

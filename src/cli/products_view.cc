#include "cli/products_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "cli/table.h"

namespace portolan::cli {
namespace {

using wire::JsonCursor;

// A model, or why regions have less of it, and those regions in their order.
using Exceptions = std::vector<std::pair<std::string, std::vector<std::string>>>;

void add(Exceptions& exceptions, const std::string& why, std::string_view region) {
  auto found = std::ranges::find(exceptions, why, &Exceptions::value_type::first);
  if (found == exceptions.end()) found = exceptions.insert(found, {why, {}});
  found->second.emplace_back(region);
}

std::string join(const std::vector<std::string>& names) {
  return names.empty() ? "-" : fmt::format("{}", fmt::join(names, ","));
}

// What it costs, and the served regions where it does.
struct Priced {
  std::string currency;
  std::string input;
  std::string output;
  std::vector<std::string> regions{};
};

Status add_prices(const JsonCursor& offer, std::string_view region, std::vector<Priced>& priced) {
  const auto list = offer.find("prices");
  if (!list) return {};
  TRY(const auto prices, list->elements());
  for (const auto& price : prices) {
    TRY(const auto currency, price.text("currency"));
    TRY(const auto input, price.text("input_per_million"));
    TRY(const auto output, price.text("output_per_million"));
    auto found = std::ranges::find_if(priced, [&](const Priced& each) {
      return each.currency == currency && each.input == input && each.output == output;
    });
    if (found == priced.end()) {
      found =
          priced.insert(found, {std::string(currency), std::string(input), std::string(output)});
    }
    found->regions.emplace_back(region);
  }
  return {};
}

struct Tables {
  Table products{{"MODEL", "CONTEXT", "FEATURES", "ALIASES", "SERVED IN"}};
  Table exceptions{{"MODEL", "HOW", "IN"}};
  bool any_exception = false;
  Table prices{{"MODEL", "CURRENCY", "INPUT", "OUTPUT", "IN"}};  // for a million tokens
  bool any_price = false;
};

Status add_product(const JsonCursor& json, Tables& tables) {
  TRY(const auto product, read_product(json));
  TRY(const auto offers, json.elements("regions"));
  Exceptions exceptions;
  std::vector<std::string> served;
  std::vector<Priced> priced;
  for (const auto& offer : offers) {
    TRY(const auto region, offer.text("region"));
    TRY(const bool has, offer.boolean("has"));
    if (has) {
      served.emplace_back(region);
      TRY_DO(add_prices(offer, region, priced));
      TRY(const auto less, less_there(offer, product));
      for (const auto& each : less) add(exceptions, "served " + each, region);
    } else {
      TRY(const auto why, why_not(offer));
      add(exceptions, "not served: " + why, region);
    }
  }
  const auto where = served.size() == 1 && offers.size() == 1
                         ? served.front()
                         : fmt::format("{} of {} regions", served.size(), offers.size());
  tables.products.add({product.name, std::to_string(product.context), join(product.features),
                       join(product.aliases), where});
  for (const auto& [why, regions] : exceptions) {
    tables.any_exception = true;
    tables.exceptions.add({product.name, why, fmt::format("{}", fmt::join(regions, ", "))});
  }
  for (const auto& each : priced) {
    tables.any_price = true;
    const auto in = each.regions.size() == served.size() && served.size() > 1
                        ? "all that serve it"
                        : fmt::format("{}", fmt::join(each.regions, ", "));
    tables.prices.add({product.name, each.currency, each.input, each.output, in});
  }
  return {};
}

}  // namespace

Result<Product> read_product(const JsonCursor& json) {
  Product product;
  TRY(product.name, json.text("name"));
  TRY(product.context, json.count("context"));
  TRY(product.features, json.texts("features"));
  TRY(product.aliases, json.texts("aliases"));
  return product;
}

Result<std::string> why_not(const JsonCursor& offer) {
  TRY(const auto sentence, offer.text("why"));
  std::string why(sentence);
  TRY(const auto rules, offer.texts("rules"));
  if (!rules.empty()) why += fmt::format(": {}", fmt::join(rules, ", "));
  return why;
}

// What a region that serves it has less than the model.
Result<std::vector<std::string>> less_there(const JsonCursor& offer, const Product& product) {
  std::vector<std::string> less;
  TRY(const auto features, offer.texts("features"));
  for (const auto& feature : product.features) {
    if (std::ranges::find(features, feature) == features.end()) {
      less.push_back("without " + feature);
    }
  }
  return less;
}

Result<std::string> render_products(const wire::Json& answer, std::size_t columns) {
  const JsonCursor json(answer, Code::malformed_peer);
  TRY(const auto products, json.elements("products"));
  Tables tables;
  for (const auto& product : products) TRY_DO(add_product(product, tables));
  tables.products.narrow(columns, {"ALIASES", "FEATURES"});
  std::string text = tables.products.render();
  if (tables.any_exception) text += "\n" + tables.exceptions.render();
  if (tables.any_price) text += "\n" + tables.prices.render() + "prices are for a million tokens\n";
  return text;
}

}  // namespace portolan::cli

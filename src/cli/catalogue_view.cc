#include "cli/catalogue_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/products_view.h"
#include "cli/table.h"
#include "wire/json_cursor.h"
#include "world/time_text.h"

namespace portolan::cli {
namespace {

using wire::JsonCursor;

std::string join(const std::vector<std::string>& names) {
  return names.empty() ? "-" : fmt::format("{}", fmt::join(names, ","));
}

// Input and output, for a million tokens: "USD 0.02/0.06". A catalogue may have none.
Result<std::string> prices_in(const JsonCursor& model) {
  const auto list = model.find("prices");
  if (!list) return std::string("-");
  TRY(const auto prices, list->elements());
  std::vector<std::string> all;
  for (const auto& price : prices) {
    TRY(const auto currency, price.text("currency"));
    TRY(const auto input, price.text("input_per_million"));
    TRY(const auto output, price.text("output_per_million"));
    all.push_back(fmt::format("{} {}/{}", currency, input, output));
  }
  return join(all);
}

Status add_model(const JsonCursor& model, Table& table) {
  TRY(const auto name, model.text("name"));
  TRY(const auto context, model.count("context"));
  TRY(const bool served, model.boolean("served"));
  if (!served) {
    TRY(const auto why, why_not(model));
    table.add({std::string(name), std::to_string(context), "-", "-", "-", "not served: " + why});
    return {};
  }
  TRY(const auto features, model.texts("features"));
  TRY(const auto lacks, model.texts("lacks"));
  TRY(const auto slots, model.count("slots"));
  TRY(const auto prices, prices_in(model));
  table.add({std::string(name), std::to_string(context), join(features), std::to_string(slots),
             prices, lacks.empty() ? "served" : "served without " + join(lacks)});
  return {};
}

Result<std::string> render_one(const seal::VerifiedCatalogue& verified, std::size_t columns) {
  const auto& facts = verified.facts;
  auto text = fmt::format(
      "VALID: region {} of network {} on {}, World {}.{}\n"
      "       signed by control '{}', certified by the root\n\n",
      facts.region, facts.world.network, world::render_date(facts.at), facts.world.epoch,
      facts.world.number, verified.signer.subject.name);
  const JsonCursor models(facts.models, Code::malformed_peer);
  TRY(const auto elements, models.elements());
  Table table({"MODEL", "CONTEXT", "FEATURES", "SLOTS", "PRICE", "HEALTH"});
  for (const auto& model : elements) TRY_DO(add_model(model, table));
  table.narrow(columns, {"FEATURES", "CONTEXT"});
  return text + table.render();
}

}  // namespace

CatalogueFile verify_catalogues(std::string_view text, const seal::VerifyKey& root) {
  CatalogueFile file;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    auto verified = seal::verify_catalogue(line, root);
    if (verified) {
      file.verified.push_back(std::move(*verified));
    } else {
      file.refused.push_back(fmt::format("line {}: {}", number, verified.error().message));
    }
  }
  if (file.verified.empty() && file.refused.empty()) file.refused.push_back("it is empty");
  return file;
}

Result<std::string> render_catalogues(const CatalogueFile& file, std::size_t columns) {
  std::string text;
  for (const auto& why : file.refused) text += "NOT VALID: " + why + "\n";
  for (const auto& verified : file.verified) {
    if (!text.empty()) text += "\n";
    TRY(const auto one, render_one(verified, columns));
    text += one;
  }
  return text;
}

wire::Json catalogues_json(const CatalogueFile& file) {
  auto refused = wire::Json::array();
  for (const auto& why : file.refused) refused.push(why);
  auto catalogues = wire::Json::array();
  for (const auto& verified : file.verified) {
    const auto& facts = verified.facts;
    auto json = wire::Json::object();
    json.set("network", facts.world.network);
    json.set("epoch", facts.world.epoch);
    json.set("number", facts.world.number);
    json.set("world", facts.world_hash);
    json.set("region", facts.region);
    json.set("at", world::render_date(facts.at));
    json.set("signer", verified.signer.subject.name);
    json.set("models", facts.models);
    catalogues.push(std::move(json));
  }
  auto json = wire::Json::object();
  json.set("valid", file.is_valid());
  json.set("refused", std::move(refused));
  json.set("catalogues", std::move(catalogues));
  return json;
}

}  // namespace portolan::cli

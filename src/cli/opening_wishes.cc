#include "cli/opening_wishes.h"

#include <fmt/format.h>

#include "cli/json_fields.h"

namespace portolan::cli {
namespace {

using wire::Json;

std::string round_trips_of(const Json& spec) {
  std::string text;
  for (const Json& wanted : list_of(spec, "round_trips")) {
    const Json* most = wanted.find("ms");
    text += fmt::format("{}{} in {:g} ms", text.empty() ? "" : ", ", text_of(wanted, "to"),
                        most != nullptr ? most->as_double().value_or(0) : 0);
  }
  return text;
}

std::string labels_of(const Json& spec) {
  const Json* data = spec.find("data");
  if (data == nullptr || data->as_object() == nullptr) return "";
  std::string text;
  for (const auto& [name, value] : *data->as_object()) {
    const auto* said = value.as_string();
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", name, said != nullptr ? *said : "");
  }
  return text;
}

std::string count_of(const Json& spec, std::string_view name, std::string_view otherwise) {
  return spec.find(name) != nullptr ? std::to_string(whole_of(spec, name)) : std::string(otherwise);
}

std::string load_of(const Json& spec) {
  const auto load = whole_of(spec, "load");
  if (load == 0) return "as many requests at once as it has slots";
  return fmt::format("{} requests at once", load);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> opening_wishes(const Json& opening) {
  const Json* document = opening.find("spec");
  const Json* inner = document != nullptr ? document->find("spec") : nullptr;
  if (inner == nullptr) return {};
  const auto text_or = [](std::string text, std::string_view otherwise) {
    return text.empty() ? std::string(otherwise) : text;
  };
  return {
      {"Round trips, at most", text_or(round_trips_of(*inner), "any")},
      {"Neighbours", text_or(names_of(*inner, "neighbours"), "all that share a scope with it")},
      {"Clocks, at most", count_of(*inner, "clock_ms", "500") + " ms off"},
      {"Load to carry", load_of(*inner)},
      {"Requests of clients before a share counts as tried", count_of(*inner, "requests", "20")},
      {"Labels of the probes' data", text_or(labels_of(*inner), "none")},
  };
}

}  // namespace portolan::cli

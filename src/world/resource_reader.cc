#include "world/resource_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "world/country.h"
#include "world/document.h"
#include "world/field_scanner.h"
#include "world/suggest.h"

namespace portolan::world {
namespace {

constexpr std::string_view api_version = "portolan/v1";
constexpr std::array<std::string_view, 4> document_keys = {"apiVersion", "kind", "metadata",
                                                           "spec"};

// One document on its way to a resource.
struct Reading {
  const std::string& file;
  const Node& document;
  ProblemList& problems;

  void add(Place place, std::string sentence) const {
    problems.add({file, place, std::move(sentence)});
  }
};

// Every member but the group that follows from the country is as written.
void complete(model::Region& region) {
  if (in_european_union(region.country) &&
      std::ranges::find(region.groups, "eu") == region.groups.end()) {
    region.groups.push_back("eu");
  }
}

void complete(auto&) {}

template <class T>
Resource read_as(const Reading& reading) {
  T value;
  const Node* metadata = reading.document.find("metadata");
  if (metadata) {
    FieldScanner scanner(reading.file, *metadata, "metadata", reading.problems);
    describe_metadata(scanner, value);
    scanner.finish();
  } else {
    reading.add(reading.document.place, "'metadata' is missing; it holds the resource's name.");
  }
  const bool may_be_bare = std::is_same_v<T, model::Org>;
  if (const Node* spec = reading.document.find("spec")) {
    FieldScanner scanner(reading.file, *spec, "spec", reading.problems);
    describe(scanner, value);
    scanner.finish();
  } else if (!may_be_bare) {
    reading.add(reading.document.place, "'spec' is missing.");
  }
  complete(value);
  return value;
}

template <std::size_t... I>
Resource read_kind(const Reading& reading, Kind kind, std::index_sequence<I...>) {
  using Read = Resource (*)(const Reading&);
  static constexpr std::array<Read, sizeof...(I)> readers = {
      &read_as<std::variant_alternative_t<I, Resource>>...};
  return readers[static_cast<std::size_t>(kind)](reading);
}

void check_version(const Reading& reading, bool required) {
  const Node* version = reading.document.find("apiVersion");
  if (!version && required) {
    reading.add(reading.document.place,
                fmt::format("'apiVersion: {}' is missing; the first document of a file says it.",
                            api_version));
  } else if (version && version->text != api_version) {
    reading.add(version->place, fmt::format("'apiVersion' must be {}.", api_version));
  }
}

std::optional<Kind> check_kind(const Reading& reading) {
  const Node* node = reading.document.find("kind");
  if (!node) {
    reading.add(reading.document.place,
                fmt::format("'kind' is missing; it is one of {}.", fmt::join(kind_names, ", ")));
    return std::nullopt;
  }
  const auto kind = kind_named(node->text);
  if (!kind) {
    reading.add(node->place,
                fmt::format("There is no kind '{}'; it is one of {}.{}", node->text,
                            fmt::join(kind_names, ", "), did_you_mean(node->text, kind_names)));
  }
  return kind;
}

void check_keys(const Reading& reading) {
  for (const auto& member : reading.document.members) {
    if (std::ranges::find(document_keys, member.key) != document_keys.end()) continue;
    reading.add(member.place, fmt::format("A resource has no key '{}'; it has {}.{}", member.key,
                                          fmt::join(document_keys, ", "),
                                          did_you_mean(member.key, document_keys)));
  }
}

std::optional<Resource> read_document(const Reading& reading, bool first) {
  if (reading.document.kind != Node::Kind::map) {
    reading.add(reading.document.place,
                fmt::format("A resource must be a map, not {}.", name_of(reading.document.kind)));
    return std::nullopt;
  }
  check_version(reading, first);
  check_keys(reading);
  const auto kind = check_kind(reading);
  if (!kind) return std::nullopt;
  auto resource =
      read_kind(reading, *kind, std::make_index_sequence<std::variant_size_v<Resource>>{});
  if (name_of(resource).empty()) return std::nullopt;
  return resource;
}

}  // namespace

std::vector<ReadResource> read_resources(const std::string& file, const std::string& text,
                                         ProblemList& problems) {
  std::vector<ReadResource> resources;
  bool first = true;
  for (Node& document : parse_documents(file, text, problems)) {
    auto resource = read_document({file, document, problems}, std::exchange(first, false));
    if (resource) resources.push_back({std::move(*resource), file, std::move(document)});
  }
  return resources;
}

}  // namespace portolan::world

#include "dialect/client_headers.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace portolan::dialect {
namespace {

constexpr std::array<std::string_view, 4> to_engine = {"accept", "content-type", "traceparent",
                                                       "tracestate"};
constexpr std::array<std::string_view, 2> to_client = {"cache-control", "content-type"};

bool listed(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::any_of(
      names, [&](std::string_view one) { return wire::equal_ignoring_case(one, name); });
}

std::string lower_case(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// Where a name stands already, the later value wins.
void put(Headers& headers, std::string_view name, std::string_view value) {
  std::string lower = lower_case(name);
  const auto found = std::ranges::find(headers, lower, &Header::name);
  if (found != headers.end()) {
    found->value = value;
  } else {
    headers.push_back({std::move(lower), std::string(value)});
  }
}

}  // namespace

bool passes_to_engine(std::string_view name) { return listed(to_engine, name); }

bool passes_to_client(std::string_view name) { return listed(to_client, name); }

Headers engine_headers(const wire::Fields& client, const model::Engine& engine,
                       std::string_view secret, std::string_view request_id) {
  Headers headers;
  for (const wire::Field field : client) {
    if (passes_to_engine(field.name)) put(headers, field.name, field.value);
  }
  for (const auto& [name, value] : engine.headers) put(headers, name, value);
  if (engine.auth.has_value()) {
    const bool bearer = wire::equal_ignoring_case(engine.auth->header, "authorization");
    put(headers, engine.auth->header, std::string(bearer ? "Bearer " : "").append(secret));
  }
  put(headers, request_id_field, request_id);
  return headers;
}

Headers client_headers(const wire::Fields& engine) {
  Headers headers;
  for (const wire::Field field : engine) {
    if (passes_to_client(field.name)) put(headers, field.name, field.value);
  }
  return headers;
}

}  // namespace portolan::dialect

#include "meter/usage_params.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "wire/json_cursor.h"
#include "wire/url.h"
#include "world/suggest.h"
#include "world/time_text.h"

namespace portolan::meter {
namespace {

using store::LedgerQuery;
using store::UsageField;

constexpr std::size_t filters_max = 256;

Fault invalid(std::string sentence) {
  return Fault{Code::invalid_parameter, Retry::never, std::move(sentence)};
}

struct Parameter {
  std::string name;
  std::string value;
};

Result<std::vector<Parameter>> split_parameters(std::string_view query) {
  std::vector<Parameter> parameters;
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto piece = query.substr(0, end);
    query = end == query.npos ? std::string_view() : query.substr(end + 1);
    if (piece.empty()) continue;
    const auto equals = piece.find('=');
    auto name = wire::decode_query_text(piece.substr(0, equals));
    auto value = wire::decode_query_text(equals == piece.npos ? std::string_view()
                                                              : piece.substr(equals + 1));
    if (!name || !value) return invalid(fmt::format("'{}' is encoded wrongly.", piece));
    parameters.push_back({std::move(*name), std::move(*value)});
  }
  return parameters;
}

Fault unknown(std::string_view name) {
  constexpr auto known = std::to_array<std::string_view>(
      {"by", "from", "until", "limit", "after", "org", "workspace", "key", "model", "region",
       "zone", "entry_region", "hour", "day"});
  return invalid(fmt::format("Usage has no '{}'.{} It knows {}.", name,
                             world::did_you_mean(name, known), fmt::join(known, ", ")));
}

Status read_groups(std::string_view value, LedgerQuery& query) {
  if (!query.by.empty()) return invalid("'by' stands twice; separate its fields by commas.");
  while (!value.empty()) {
    const auto end = value.find(',');
    const auto name = value.substr(0, end);
    value = end == value.npos ? std::string_view() : value.substr(end + 1);
    const auto field = store::usage_field_named(name);
    if (!field) return unknown(name);
    if (std::ranges::find(query.by, *field) != query.by.end()) {
      return invalid(fmt::format("'{}' stands twice in 'by'.", name));
    }
    query.by.push_back(*field);
  }
  return {};
}

Result<WallTime> read_time(const Parameter& parameter) {
  const auto time = world::parse_date(parameter.value);
  if (time) return *time;
  return invalid(
      fmt::format("'{}' is '{}', which is no date; write 2026-01-31 or "
                  "2026-01-31T08:00:00Z.",
                  parameter.name, parameter.value));
}

Result<std::size_t> read_limit(const std::string& text) {
  std::size_t rows = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), rows);
  const bool whole = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
  if (whole && rows >= 1 && rows <= store::ledger_page_rows_max.count()) return rows;
  return invalid(fmt::format("'limit' is '{}'; it is a number from 1 to {}.", text,
                             store::ledger_page_rows_max.value));
}

Result<std::vector<std::string>> read_after(const std::string& text) {
  TRY(const auto json, wire::parse_json(text, Code::invalid_parameter));
  TRY(const auto elements, wire::JsonCursor(json, Code::invalid_parameter).elements());
  std::vector<std::string> group;
  for (const auto& element : elements) {
    TRY(const auto value, element.text());
    group.emplace_back(value);
  }
  return group;
}

Status read_parameter(const Parameter& parameter, LedgerQuery& query) {
  const auto& name = parameter.name;
  if (name == "by") return read_groups(parameter.value, query);
  if (name == "from") {
    TRY(query.from, read_time(parameter));
  } else if (name == "until") {
    TRY(query.until, read_time(parameter));
  } else if (name == "limit") {
    TRY(query.rows_max, read_limit(parameter.value));
  } else if (name == "after") {
    TRY(query.after, read_after(parameter.value));
  } else if (const auto field = store::usage_field_named(name)) {
    query.filters.emplace_back(*field, parameter.value);
  } else {
    return unknown(name);
  }
  return {};
}

}  // namespace

Result<LedgerQuery> parse_usage_params(std::string_view text) {
  TRY(const auto parameters, split_parameters(text));
  LedgerQuery query;
  for (const auto& parameter : parameters) TRY_DO(read_parameter(parameter, query));
  if (query.filters.size() > filters_max) {
    return invalid(
        fmt::format("{} filters are too many; {} are taken.", query.filters.size(), filters_max));
  }
  if (!query.after.empty() && query.after.size() != query.by.size()) {
    return invalid("'after' does not fit 'by'; take it from 'next' of the page before.");
  }
  return query;
}

}  // namespace portolan::meter

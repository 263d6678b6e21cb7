#include <fmt/format.h>

#include <charconv>

#include "control/admin_api.h"
#include "control/resource_reply.h"
#include "wire/url.h"

namespace portolan::control {
namespace {

Fault missing(const ResourceName& name) {
  return Fault{Code::resource_not_found, Retry::never,
               fmt::format("There is no {} '{}'.", world::name_of(name.first), name.second)};
}

Result<std::optional<std::uint64_t>> version_of(std::string_view query) {
  TRY(const auto text, wire::find_parameter(query, "resourceVersion"));
  if (!text) return std::optional<std::uint64_t>();
  std::uint64_t version = 0;
  const auto end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, version);
  if (read.ec != std::errc{} || read.ptr != end) {
    return Fault{Code::invalid_parameter, Retry::never,
                 fmt::format("'resourceVersion={}' is no whole number.", *text)};
  }
  return std::optional(version);
}

wire::Json result_json(const Applied::Resource& result) {
  auto json = wire::Json::object();
  json.set("kind", world::name_of(result.name.first));
  json.set("name", result.name.second);
  json.set("action", name_of(result.action));
  if (result.version != 0) json.set("resourceVersion", result.version);
  return json;
}

}  // namespace

Result<Reply> AdminApi::applied_reply(const Applied& applied, std::string_view request_id) const {
  if (!applied.problems.empty()) return problems_reply(applied.problems, request_id);
  const auto& numbers = control_.state().numbers;
  auto results = wire::Json::array();
  for (const auto& result : applied.results) results.push(result_json(result));
  auto keyring = wire::Json::object();
  keyring.set("number", numbers.keyring);
  auto json = wire::Json::object();
  json.set("results", std::move(results));
  json.set("world", version_json(numbers.of(numbers.world), numbers.world_hash));
  json.set("keyring", std::move(keyring));
  json.set("rolling_out", control_.state().rolling_out());
  return json_reply(json);
}

runtime::Task<Result<Reply>> AdminApi::apply(AdminCall call) {
  ApplyRequest request;
  CO_TRY(const auto source, wire::find_parameter(call.query, "source"));
  CO_TRY(const auto dry_run, wire::find_parameter(call.query, "dry_run"));
  if (source && !source->empty()) request.source = *source;
  request.dry_run = dry_run && *dry_run != "0" && *dry_run != "false";
  request.text = std::move(call.body);
  request.opens = false;
  CO_TRY(const auto applied, co_await control_.apply(std::move(request), std::move(call.by)));
  co_return applied_reply(applied, call.request_id);
}

runtime::Task<Result<Reply>> AdminApi::list_resources(AdminCall call) {
  CO_TRY(const auto kind, kind_of_path(call.names[0]));
  auto items = wire::Json::array();
  const auto& versions = control_.state().resource_versions;
  for (auto at = versions.lower_bound({kind, ""}); at != versions.end(); ++at) {
    if (at->first.first != kind) break;
    auto document = resource_document(control_.state(), at->first);
    if (document) items.push(std::move(*document));
  }
  auto json = wire::Json::object();
  json.set("items", std::move(items));
  co_return json_reply(json);
}

runtime::Task<Result<Reply>> AdminApi::get_resource(AdminCall call) {
  CO_TRY(const auto kind, kind_of_path(call.names[0]));
  const ResourceName name{kind, call.names[1]};
  const auto document = resource_document(control_.state(), name);
  if (!document) co_return missing(name);
  co_return json_reply(*document);
}

runtime::Task<Result<Reply>> AdminApi::delete_resource(AdminCall call) {
  RemoveRequest request;
  CO_TRY(const auto kind, kind_of_path(call.names[0]));
  CO_TRY(request.version, version_of(call.query));
  request.name = {kind, call.names[1]};
  CO_TRY(const auto applied, co_await control_.remove(std::move(request), std::move(call.by)));
  co_return applied_reply(applied, call.request_id);
}

}  // namespace portolan::control

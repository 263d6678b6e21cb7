#include <algorithm>

#include "control/admin_api.h"
#include "control/resource_reply.h"
#include "wire/url.h"
#include "world/resource_text.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

using wire::Json;

Json spec_json(const State& state, const std::string& name) {
  const auto resource = world::find(*state.contents, world::Kind::opening, name);
  if (!resource) return nullptr;
  return world::resource_json(*resource);
}

Json record_json(const State& state, const OpeningRecord& record) {
  auto json = opening_json(record);
  json.set("spec", spec_json(state, record.name));
  return json;
}

}  // namespace

Reply AdminApi::opening_reply(const OpeningRecord& record) const {
  auto json = record_json(control_.state(), record);
  json.set("now", world::render_date(shard_.wall_now()));
  return json_reply(json);
}

runtime::Task<Result<Reply>> AdminApi::open_place(AdminCall call) {
  OpenRequest request;
  CO_TRY(const auto source, wire::find_parameter(call.query, "source"));
  CO_TRY(const auto dry_run, wire::find_parameter(call.query, "dry_run"));
  if (source && !source->empty()) request.source = *source;
  request.dry_run = dry_run && *dry_run != "0" && *dry_run != "false";
  request.text = std::move(call.body);
  CO_TRY(const auto opened, co_await parts_.openings.open(std::move(request), std::move(call.by)));
  if (opened.record) co_return opening_reply(*opened.record);
  co_return applied_reply(opened.applied, call.request_id);
}

runtime::Task<Result<Reply>> AdminApi::list_openings(AdminCall) {
  CO_TRY(const auto records, co_await parts_.openings.list());
  auto list = Json::array();
  for (const auto& record : records) list.push(record_json(control_.state(), record));
  auto json = Json::object();
  json.set("now", world::render_date(shard_.wall_now()));
  json.set("openings", std::move(list));
  co_return json_reply(json);
}

runtime::Task<Result<Reply>> AdminApi::get_opening(AdminCall call) {
  CO_TRY(const auto record, co_await parts_.openings.find(std::move(call.names[0])));
  co_return opening_reply(record);
}

runtime::Task<Result<Reply>> AdminApi::stop_opening(AdminCall call) {
  CO_TRY(const auto record,
         co_await parts_.openings.stop(std::move(call.names[0]), std::move(call.by)));
  co_return opening_reply(record);
}

runtime::Task<Result<Reply>> AdminApi::resume_opening(AdminCall call) {
  CO_TRY(const auto record,
         co_await parts_.openings.resume(std::move(call.names[0]), std::move(call.by)));
  co_return opening_reply(record);
}

runtime::Task<Result<Reply>> AdminApi::close_opening(AdminCall call) {
  CO_TRY(const auto record,
         co_await parts_.openings.close(std::move(call.names[0]), std::move(call.by)));
  co_return opening_reply(record);
}

runtime::Task<Result<Reply>> AdminApi::reopen_opening(AdminCall call) {
  CO_TRY(const auto record,
         co_await parts_.openings.reopen(std::move(call.names[0]), std::move(call.by)));
  co_return opening_reply(record);
}

// Of a place that no Opening is of, that it is drained.
runtime::Task<Result<Reply>> AdminApi::drain_opening(AdminCall call) {
  const auto place = call.names[0];
  CO_TRY(const auto record,
         co_await parts_.openings.drain(std::move(call.names[0]), std::move(call.by)));
  if (record) co_return opening_reply(*record);
  auto json = Json::object();
  json.set("now", world::render_date(shard_.wall_now()));
  json.set("drained", place);
  co_return json_reply(json);
}

}  // namespace portolan::control

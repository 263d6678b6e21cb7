#include <algorithm>

#include "control/admin_api.h"
#include "control/admin_route.h"

namespace portolan::control {
namespace {

constexpr std::uint64_t usual_page = 100;

// An entry as it is stored: text that is no JSON is shown as the text it is.
wire::Json entry_json(const std::string& entry) {
  auto json = wire::parse_json(entry);
  return json ? std::move(*json) : wire::Json(entry);
}

}  // namespace

runtime::Task<Result<Reply>> AdminApi::list_audit(AdminCall call) {
  CO_TRY(const std::uint64_t from, whole_parameter(call.query, "from", 0));
  CO_TRY(const std::uint64_t limit, whole_parameter(call.query, "limit", usual_page));
  const auto most = std::min(limit, audit_page_entries_max.value);
  CO_TRY(const auto page, co_await control_.read_audit(from, most));
  auto head = wire::Json::object();
  head.set("number", page.head.number);
  head.set("hash", page.head.hash);
  auto entries = wire::Json::array();
  for (const auto& entry : page.entries) entries.push(entry_json(entry));
  auto json = wire::Json::object();
  json.set("head", std::move(head));
  json.set("entries", std::move(entries));
  co_return json_reply(json);
}

}  // namespace portolan::control

#include <fmt/format.h>

#include <charconv>

#include "control/admin_api.h"
#include "wire/url.h"

namespace portolan::control {
namespace {

constexpr std::uint64_t usual_page = 100;

Result<std::uint64_t> read_whole(std::string_view query, std::string_view name,
                                 std::uint64_t usual) {
  TRY(const auto text, wire::find_parameter(query, name));
  if (!text) return usual;
  std::uint64_t number = 0;
  const auto end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, number);
  if (read.ec == std::errc{} && read.ptr == end && number > 0) return number;
  return Fault{Code::invalid_parameter, Retry::never,
               fmt::format("'{}={}' is no whole number from 1 on.", name, *text)};
}

// An entry as it is stored: text that is no JSON is shown as the text it is.
wire::Json entry_json(const std::string& entry) {
  auto json = wire::parse_json(entry);
  return json ? std::move(*json) : wire::Json(entry);
}

}  // namespace

runtime::Task<Result<Reply>> AdminApi::list_audit(AdminCall call) {
  CO_TRY(const std::uint64_t from, read_whole(call.query, "from", 0));
  CO_TRY(const std::uint64_t limit, read_whole(call.query, "limit", usual_page));
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

#include "control/reply.h"

#include <fmt/format.h>

namespace portolan::control {

Reply problems_reply(const std::vector<world::Problem>& problems, std::string_view request_id) {
  auto list = wire::Json::array();
  for (const auto& problem : problems) {
    auto json = wire::Json::object();
    json.set("file", problem.file);
    json.set("line", problem.place.line);
    json.set("column", problem.place.column);
    json.set("sentence", problem.sentence);
    list.push(std::move(json));
  }
  const Fault fault{
      Code::invalid_resource, Retry::never,
      fmt::format("{} problem{}; nothing was changed. The first: {}", problems.size(),
                  problems.size() == 1 ? "" : "s", world::render_problem(problems.front()))};
  auto error = http::fault_json(fault, request_id);
  error.set("problems", std::move(list));
  return http::error_reply(facts_of(fault.code).http_status, std::move(error));
}

}  // namespace portolan::control

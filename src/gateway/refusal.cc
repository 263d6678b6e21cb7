#include "gateway/refusal.h"

#include <utility>

#include "dialect/openai_error.h"

namespace portolan::gateway {

runtime::Task<void> refuse(http::Exchange& exchange, Record& record, Fault fault,
                           std::string param, std::string allow) {
  dialect::ErrorContext context;
  context.request_id = record.request_id;
  context.param = std::move(param);
  context.allow = std::move(allow);
  dialect::ErrorAnswer answer = dialect::render_error(fault, context);
  http::OwnedFields fields = {{"portolan-request-id", record.request_id},
                              {"x-request-id", record.request_id}};
  for (auto& [name, value] : answer.fields) fields.push_back({std::move(name), std::move(value)});
  record.code = fault.code;
  const Status sent =
      co_await exchange.respond(answer.status, std::move(fields), std::move(answer.body));
  if (!sent) exchange.break_off();
}

}  // namespace portolan::gateway

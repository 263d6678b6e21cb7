#include <utility>

#include "http/client.h"
#include "runtime/combine.h"

namespace portolan::http {
namespace {

runtime::Task<Result<Answer>> ask(ClientExchange& exchange, Request request) {
  CO_TRY_DO(co_await exchange.send(request.method, request.target, request.fields, request.body));
  CO_TRY(const wire::ResponseHead* head, co_await exchange.read_head());
  Answer answer;
  answer.status = head->status;
  for (const wire::Field field : head->fields) {
    answer.fields.push_back({std::string(field.name), std::string(field.value)});
  }
  CO_TRY(answer.body, co_await exchange.read_all(request.answer_bytes_max));
  co_return answer;
}

// A kept-alive connection that the peer closed while our request was on its way
// (RFC 9112 section 9.3.1).
bool met_a_dying_connection(const ClientExchange& exchange, const Fault& fault,
                            const Request& request) {
  const bool repeatable = request.method == "GET" || request.method == "HEAD";
  const bool died = fault.code == Code::connection_closed || fault.code == Code::connection_reset;
  return exchange.reused() && repeatable && died;
}

runtime::Task<Result<Answer>> fetch_within(Pool& pool, Request request, Instant deadline) {
  {
    CO_TRY(auto exchange, co_await pool.borrow(deadline));
    auto answer = co_await ask(exchange, request);
    if (answer || !met_a_dying_connection(exchange, answer.error(), request)) co_return answer;
  }
  CO_TRY(auto exchange, co_await pool.connect(deadline));
  auto answer = co_await ask(exchange, request);
  co_return answer;
}

}  // namespace

std::string_view Answer::field(std::string_view name) const {
  for (const OwnedField& one : fields) {
    if (wire::equal_ignoring_case(one.name, name)) return one.value;
  }
  return {};
}

runtime::Task<Result<Answer>> fetch(Pool& pool, Request request, Instant deadline) {
  auto fetching = fetch_within(pool, std::move(request), deadline);
  auto answer = co_await runtime::until(pool.shard(), deadline, std::move(fetching));
  co_return answer;
}

}  // namespace portolan::http

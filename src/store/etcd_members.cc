#include "store/etcd_members.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/combine.h"
#include "runtime/wait.h"
#include "store/etcd_messages.h"

namespace portolan::store {
namespace {

// How grpc-gateway is told of metadata: what follows the prefix, in lower case.
http::OwnedFields fields_of_question() {
  return {{"content-type", "application/json"}, {"grpc-metadata-hasleader", "true"}};
}

bool is_final(const Fault& fault) {
  return fault.code != Code::unreachable && fault.code != Code::timed_out;
}

Fault not_known(Fault fault) {
  if (fault.code != Code::cancelled) fault.code = Code::timed_out;
  return fault;
}

}  // namespace

EtcdMembers::EtcdMembers(runtime::Shard& shard, Options options)
    : shard_(shard), options_(std::move(options)) {
  check(!options_.addresses.empty(), "an etcd has members");
  for (const auto& address : options_.addresses) {
    http::Origin origin{.address = address,
                        .credentials = options_.credentials,
                        .server_name = options_.credentials ? address.host : "",
                        .identity = ""};
    members_.push_back({std::make_unique<http::Pool>(shard, std::move(origin)), false});
  }
}

std::string EtcdMembers::name_of(std::size_t member) const {
  return "etcd at " + runtime::to_string(options_.addresses[member]);
}

void EtcdMembers::pass_over(std::size_t member) {
  if (preferred_ == member) preferred_ = (member + 1) % members_.size();
}

Status EtcdMembers::check_cluster(std::uint64_t cluster, const std::string& member) {
  if (cluster_ == 0) cluster_ = cluster;
  if (cluster_ == cluster) return {};
  return Fault{Code::bad_configuration, Retry::never,
               fmt::format("{} belongs to another cluster ({:x}) than the others ({:x}). Name the "
                           "members of one.",
                           member, cluster, cluster_)};
}

Result<wire::Json> EtcdMembers::check_answer(std::size_t member, int answered, std::string text) {
  auto json = wire::parse_json(text, Code::malformed_peer);
  if (!json) {
    return Fault{Code::timed_out, Retry::elsewhere,
                 fmt::format("it answers {} and no JSON", answered)};
  }
  if (answered != 200) return read_error(*json);
  // Lines of a stream may be an error under a good status.
  if (json->find("error") != nullptr) return read_error(*json);
  TRY(const auto header, read_header(*json));
  TRY_DO(check_cluster(header.cluster, name_of(member)));
  return json;
}

runtime::Task<Result<wire::Json>> EtcdMembers::converse(std::size_t member, std::string path,
                                                        std::string body) {
  http::Pool& pool = *members_[member].pool;
  const Instant deadline = shard_.now() + etcd_attempt_ms.milliseconds();
  auto exchange = co_await pool.borrow(deadline);
  if (!exchange) {
    Fault fault = std::move(exchange).error();
    if (fault.code != Code::cancelled) fault.code = Code::unreachable;
    co_return fault;
  }
  auto fields = fields_of_question();
  const Status sent = co_await exchange->send("POST", path, fields, body);
  if (!sent) co_return not_known(sent.error());
  const auto head = co_await exchange->read_head();
  if (!head) co_return not_known(head.error());
  const int status = (*head)->status;
  auto text = co_await exchange->read_all(etcd_answer_bytes_max.count());
  if (!text && text.error().code == Code::limit_exceeded) co_return text.error();
  if (!text) co_return not_known(text.error());
  co_return check_answer(member, status, std::move(*text));
}

runtime::Task<Result<wire::Json>> EtcdMembers::ask_member(std::size_t member, std::string path,
                                                          std::string body) {
  if (!members_[member].accepted) {
    CO_TRY_DO(co_await accept(member));
  }
  const Instant deadline = shard_.now() + etcd_attempt_ms.milliseconds();
  auto asking = converse(member, path, body);
  auto answer = co_await runtime::until(shard_, deadline, std::move(asking));
  if (!answer && answer.error().code == Code::deadline_exceeded) {
    answer = Fault{Code::timed_out, Retry::elsewhere,
                   fmt::format("no answer within {} ms", etcd_attempt_ms.value)};
  }
  if (!answer && !is_final(answer.error())) members_[member].accepted = false;
  co_return answer;
}

runtime::Task<Result<http::ClientExchange>> EtcdMembers::open_stream(std::size_t member,
                                                                     std::string path,
                                                                     std::string body) {
  if (!members_[member].accepted) {
    CO_TRY_DO(co_await accept(member));
  }
  const Instant deadline = shard_.now() + etcd_attempt_ms.milliseconds();
  CO_TRY(auto exchange, co_await members_[member].pool->connect(deadline));
  auto fields = fields_of_question();
  CO_TRY_DO(co_await exchange.send("POST", path, fields, body));
  co_return std::move(exchange);
}

// Each member in turn, round after round, until one answers.
runtime::Task<Result<wire::Json>> EtcdMembers::rounds(std::string path, std::string body, bool once,
                                                      std::string& why) {
  for (;;) {
    why.clear();
    for (std::size_t tried = 0; tried < members_.size(); ++tried) {
      const std::size_t member = preferred_;
      auto answer = co_await ask_member(member, path, body);
      if (answer || is_final(answer.error())) co_return answer;
      pass_over(member);
      if (once && answer.error().code == Code::timed_out) co_return answer;
      why +=
          fmt::format("{}{}: {}", why.empty() ? "" : "; ", name_of(member), answer.error().message);
    }
    CO_TRY_DO(co_await runtime::sleep_for(shard_, etcd_pause_ms.milliseconds()));
  }
}

runtime::Task<Result<wire::Json>> EtcdMembers::call(std::string path, std::string body, bool once) {
  std::string why;
  const Instant deadline = shard_.now() + options_.patience;
  auto asking = rounds(path, body, once, why);
  auto answer = co_await runtime::until(shard_, deadline, std::move(asking));
  const bool ours = !answer && answer.error().code == Code::deadline_exceeded;
  if (!ours) co_return answer;
  co_return Fault{Code::store_failed, Retry::later,
                  fmt::format("No member of etcd answers, or too few of them see each other ({}).",
                              why.empty() ? "no answer in time" : why)};
}

runtime::Task<Result<wire::Json>> EtcdMembers::ask(std::string path, std::string body) {
  auto answer = co_await call(std::move(path), std::move(body), false);
  co_return answer;
}

runtime::Task<Result<wire::Json>> EtcdMembers::tell(std::string path, std::string body) {
  auto answer = co_await call(std::move(path), std::move(body), true);
  co_return answer;
}

runtime::Task<void> EtcdMembers::close() {
  for (const auto& member : members_) co_await member.pool->close();
}

}  // namespace portolan::store

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "http/client.h"
#include "http/server.h"
#include "runtime/wait.h"

namespace portolan::store::testing {

// Stands before a member of etcd and loses one of its changes: the question, or,
// when it was answered, the answer. Whoever asked sees a broken connection. Its
// watches begin, and then bring nothing, as over a connection that died unseen.
class LosingProxy final : public http::Handler {
 public:
  enum class Loses { nothing, question, answer };

  LosingProxy(runtime::Shard& shard, runtime::Address member)
      : pool_(shard, {.address = std::move(member),
                      .credentials = nullptr,
                      .server_name = "",
                      .identity = ""}),
        server_(shard, *this, {}) {
    auto listener = shard.network().listen({.address = {"127.0.0.1", 0}, .credentials = nullptr});
    check(listener.has_value(), "there is a free port");
    address_ = (*listener)->address();
    server_.serve(std::move(*listener));
  }

  const runtime::Address& address() const { return address_; }
  void lose(Loses what) { loses_ = what; }
  int lost() const { return lost_; }

  runtime::Task<void> handle(http::Exchange& exchange) override {
    const std::string target(exchange.head().target);
    if (target == "/v3/watch") {
      co_await stay_silent(exchange);
      co_return;
    }
    auto body = co_await exchange.read_body(64 * 1024 * 1024);
    if (!body) co_return;
    const auto loses =
        target == "/v3/kv/txn" ? std::exchange(loses_, Loses::nothing) : Loses::nothing;
    if (loses != Loses::nothing) ++lost_;
    if (loses == Loses::question) {
      exchange.break_off();
      co_return;
    }
    http::Request request{
        .method = "POST", .target = target, .fields = {}, .body = std::move(*body)};
    const Instant deadline = exchange.shard().now() + Duration::seconds(5);
    auto answer = co_await http::fetch(pool_, request, deadline);
    if (!answer || loses == Loses::answer) {
      exchange.break_off();
      co_return;
    }
    const Status responded = co_await exchange.respond(answer->status, {}, std::move(answer->body));
    if (!responded) exchange.break_off();
  }
  http::OwnedFields render_fault(const Fault&, std::string&) override { return {}; }

  int silent() const { return silent_; }

  runtime::Task<void> close() {
    co_await server_.close();
    co_await pool_.close();
  }

 private:
  runtime::Task<void> stay_silent(http::Exchange& exchange) {
    ++silent_;
    std::string created = R"({"result":{"header":{"revision":"1"},"created":true}})";
    const Status begun = co_await exchange.begin(200, {});
    const Status sent = co_await exchange.send(created + "\n");
    // Until whoever asked has gone.
    const auto slept = co_await runtime::sleep_for(exchange.shard(), Duration::seconds(60));
    EXPECT_FALSE(begun && sent && slept) << "somebody believed in it for a minute";
    exchange.break_off();
  }

  http::Pool pool_;
  http::Server server_;
  runtime::Address address_;
  Loses loses_ = Loses::nothing;
  int lost_ = 0;
  int silent_ = 0;
};

}  // namespace portolan::store::testing

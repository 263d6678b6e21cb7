#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/check.h"
#include "http/server.h"

namespace portolan::sim {

// What may stand where an engine should: healthy, and to every other question the
// one answer that it was told.
class ScriptedEngine final : public http::Handler {
 public:
  ScriptedEngine(runtime::Shard& shard, runtime::Address address) : server_(shard, *this, {}) {
    auto listener = shard.network().listen(
        {.address = std::move(address), .share_port = false, .credentials = nullptr});
    check(listener.has_value(), "the engine's port is free");
    server_.serve(std::move(*listener));
  }

  void answer(int status, std::string body) {
    status_ = status;
    body_ = std::move(body);
  }
  runtime::Task<void> close() { return server_.close(); }

  runtime::Task<void> handle(http::Exchange& exchange) override {
    const bool health = exchange.head().path == "/health";
    const auto read = co_await exchange.read_body(1024 * 1024);
    if (!read) co_return;
    http::OwnedFields fields{{"content-type", "application/json"}};
    std::string body = health ? "{}" : body_;
    const Status told =
        co_await exchange.respond(health ? 200 : status_, std::move(fields), std::move(body));
    if (!told) exchange.break_off();
  }
  http::OwnedFields render_fault(const Fault&, std::string&) override { return {}; }

 private:
  int status_ = 200;
  std::string body_;
  http::Server server_;
};

}  // namespace portolan::sim

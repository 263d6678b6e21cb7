#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/server.h"
#include "runtime/wait.h"

// For tests: what may stand where a gateway's front door should.
namespace portolan::control::testing {

inline const std::string whole_answer = R"({"choices":[{"message":{"content":"salt"}}],)"
                                        R"("usage":{"prompt_tokens":11,"completion_tokens":3}})";
inline const std::string streamed_answer =
    "data: {\"choices\":[{\"delta\":{\"content\":\"salt\"}}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3}}\n\n"
    "data: [DONE]\n\n";

// How it answers.
struct Manner {
  enum class Ending : std::uint8_t { finishes, breaks_off, hangs, never_ends };

  int status = 200;
  std::string body = whole_answer;
  Ending ending = Ending::finishes;
  bool silent = false;  // not even a head comes
};

class FrontDoor final : public http::Handler {
 public:
  struct Asked {
    std::string path;
    std::string key;
    std::string scope;
    std::string body;
  };

  FrontDoor(runtime::Shard& shard, runtime::Address address)
      : shard_(shard), server_(shard, *this, {}) {
    auto listener = shard.network().listen(
        {.address = std::move(address), .share_port = false, .credentials = nullptr});
    check(listener.has_value(), "the door's port is free");
    server_.serve(std::move(*listener));
  }

  runtime::Task<void> close() { return server_.close(); }

  runtime::Task<void> handle(http::Exchange& exchange) override {
    const auto body = co_await exchange.read_body(100'000);
    if (!body) co_return;
    const auto& head = exchange.head();
    const auto field = [&](std::string_view name) {
      return std::string(head.fields.find(name).value_or(""));
    };
    asked.push_back(
        {std::string(head.path), field("authorization"), field("portolan-scope"), *body});
    if (manner.silent) {
      (void)co_await runtime::sleep_for(shard_, Duration::hours(1));
      co_return;
    }
    http::OwnedFields fields{{"portolan-request-id", "gw-1-1-" + std::to_string(asked.size())},
                             {"portolan-zone", zone}};
    (void)co_await exchange.begin(manner.status, std::move(fields));
    bool sent = true;
    do {
      std::string bytes = manner.body;
      sent = (co_await exchange.send(std::move(bytes))).has_value();
    } while (sent && manner.ending == Manner::Ending::never_ends);
    if (manner.ending == Manner::Ending::breaks_off) exchange.break_off();
    if (manner.ending == Manner::Ending::hangs) {
      (void)co_await runtime::sleep_for(shard_, Duration::hours(1));
    }
    if (manner.ending == Manner::Ending::finishes) (void)co_await exchange.finish();
  }
  http::OwnedFields render_fault(const Fault&, std::string&) override { return {}; }

  Manner manner;
  std::string zone = "eu-central-1a";
  std::vector<Asked> asked;

 private:
  runtime::Shard& shard_;
  http::Server server_;
};

}  // namespace portolan::control::testing

#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "http/server.h"
#include "runtime/combine.h"
#include "runtime/epoll_shard.h"
#include "runtime/wait.h"

// For tests: a server on a real port of this machine, and a client that says
// exactly the bytes it is told to.
namespace portolan::http::testing {

using runtime::Task;

inline bool begins(std::string_view text, std::string_view with) { return text.starts_with(with); }
inline bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// A stage's streams pass through here, so that a test sees how much was read.
class CountingStream final : public runtime::Stream, private runtime::Operation {
 public:
  CountingStream(std::unique_ptr<runtime::Stream> inner, std::size_t& count)
      : inner_(std::move(inner)), count_(count) {}

  bool start_read(std::span<char> into, runtime::Operation& operation) override {
    if (!inner_->start_read(into, *this)) {
      reading_ = &operation;
      return false;
    }
    count_ += outcome.value_or(0);
    operation.outcome = outcome;
    return true;
  }
  bool start_write(std::span<const std::string_view> pieces, Operation& operation) override {
    return inner_->start_write(pieces, operation);
  }
  void cancel(runtime::Operation& operation, Code why) override {
    inner_->cancel(&operation == reading_ ? *this : operation, why);
  }
  void shut_down_write() override { inner_->shut_down_write(); }
  void reset_on_close() override { inner_->reset_on_close(); }
  std::string peer_identity() const override { return inner_->peer_identity(); }
  std::string peer_address() const override { return inner_->peer_address(); }

 private:
  void done() override {
    count_ += outcome.value_or(0);
    runtime::Operation* operation = std::exchange(reading_, nullptr);
    operation->outcome = outcome;
    operation->done();
  }

  std::unique_ptr<runtime::Stream> inner_;
  std::size_t& count_;
  runtime::Operation* reading_ = nullptr;
};

class CountingListener final : public runtime::Listener {
 public:
  CountingListener(std::unique_ptr<runtime::Listener> inner, std::size_t& count)
      : inner_(std::move(inner)), count_(count) {}
  Task<Result<std::unique_ptr<runtime::Stream>>> accept() override {
    CO_TRY(auto stream, co_await inner_->accept());
    co_return std::make_unique<CountingStream>(std::move(stream), count_);
  }
  runtime::Address address() const override { return inner_->address(); }

 private:
  std::unique_ptr<runtime::Listener> inner_;
  std::size_t& count_;
};

class Stage;

// Handles as a test says and keeps what it saw.
class TestHandler final : public Handler {
 public:
  using Handling = Task<void> (*)(Stage&, Exchange&);

  TestHandler(Stage& stage, Handling handling) : stage_(stage), handling_(handling) {}
  Task<void> handle(Exchange& exchange) override { return handling_(stage_, exchange); }
  OwnedFields render_fault(const Fault& fault, std::string& body) override {
    body = std::string(name_of(fault.code));
    return {{"content-type", "text/plain"}};
  }

 private:
  Stage& stage_;
  Handling handling_;
};

struct StageOptions {
  ServerOptions server;
  std::shared_ptr<const runtime::Credentials> credentials;
};

// A server, and what its handler saw.
class Stage {
 public:
  Stage(runtime::Shard& on, TestHandler::Handling handling, StageOptions options)
      : shard(on), handler(*this, handling), server(on, handler, options.server), told(on) {
    auto listener = on.network().listen(
        {.address = {"127.0.0.1", 0}, .share_port = false, .credentials = options.credentials});
    check(listener.has_value(), "no port to listen on");
    address = (*listener)->address();
    server.serve(std::make_unique<CountingListener>(std::move(*listener), bytes_read));
  }

  runtime::Shard& shard;
  TestHandler handler;
  Server server;
  runtime::Address address;
  std::size_t bytes_read = 0;  // by the server, from all connections

  // What handlers leave for the test to see.
  int handled = 0;  // that have returned
  std::string seen;
  std::optional<Fault> fault;
  runtime::Event told;
};

// Waits for stage.told, with a bound that only a bug reaches.
inline Task<Status> await_told(Stage& stage) {
  constexpr auto waiting = [](Stage& one) -> Task<Status> {
    auto told = co_await one.told.wait();
    co_return told;
  };
  auto wait = waiting(stage);
  const Instant deadline = stage.shard.now() + Duration::seconds(60);
  auto told = co_await runtime::until(stage.shard, deadline, std::move(wait));
  co_return told;
}

using Play = Task<void> (*)(Stage&);

// Plays a scene and closes the server behind it.
inline void perform(TestHandler::Handling handling, Play play, ServerOptions options = {}) {
  constexpr auto scene = [](runtime::Shard& shard, TestHandler::Handling handles, Play plays,
                            ServerOptions server) -> Task<void> {
    Stage stage(shard, handles, {server, nullptr});
    co_await plays(stage);
    co_await stage.server.close();
  };
  runtime::EpollShard shard;
  shard.run(scene(shard, handling, play, options));
}

// The client's end of one connection.
class Caller {
 public:
  Caller(runtime::Shard& shard, std::unique_ptr<runtime::Stream> stream)
      : shard_(shard), stream_(std::move(stream)) {}

  Task<void> say(const char* text) { return say(std::string(text)); }
  // What cannot be said is no fault here: the test hears what became of it.
  Task<void> say(std::string text) {
    const std::array<std::string_view, 1> pieces{text};
    const auto said = co_await runtime::write_all(shard_, *stream_, pieces);
    (void)said;
  }

  // What arrives up to and with `end`; with an empty `end` all, up to the end of
  // the connection. An end by a reset reads as "<reset>".
  Task<std::string> hear(const char* end) { return hear(std::string(end)); }
  Task<std::string> hear(std::string end) {
    auto listening = listen(end);
    const Instant deadline = shard_.now() + Duration::seconds(60);
    auto heard = co_await runtime::until(shard_, deadline, std::move(listening));
    co_return heard;
  }

  runtime::Shard& shard() { return shard_; }
  void hang_up() { stream_.reset(); }
  runtime::Stream& stream() { return *stream_; }

 private:
  Task<std::string> listen(std::string end) {
    std::string heard;
    for (;;) {
      const std::size_t found = end.empty() ? std::string::npos : left_.find(end);
      if (found != std::string::npos) {
        heard = left_.substr(0, found + end.size());
        left_.erase(0, found + end.size());
        co_return heard;
      }
      std::array<char, 4096> bytes;
      auto got = co_await runtime::read_some(shard_, *stream_, bytes);
      if (got && *got > 0) {
        left_.append(bytes.data(), *got);
        continue;
      }
      heard = std::exchange(left_, {});
      if (!got) heard += got.error().code == Code::connection_reset ? "<reset>" : "<broken>";
      co_return heard;
    }
  }

  runtime::Shard& shard_;
  std::unique_ptr<runtime::Stream> stream_;
  std::string left_;
};

inline Task<Caller> call(Stage& stage) {
  runtime::ConnectOptions options{stage.address, nullptr, ""};
  auto stream = co_await stage.shard.network().connect(options);
  check(stream.has_value(), "the stage does not listen");
  co_return Caller(stage.shard, std::move(*stream));
}

// Handlers.

inline Task<void> answer_hello(Stage& stage, Exchange& exchange) {
  stage.seen += std::string(exchange.head().path) + " ";
  OwnedFields fields{{"content-type", "text/plain"}};
  const auto answered = co_await exchange.respond(200, fields, "hello");
  if (!answered) stage.fault = answered.error();
  ++stage.handled;
  stage.told.notify_all();
}

inline Task<void> answer_echo(Stage& stage, Exchange& exchange) {
  auto body = co_await exchange.read_body(16 * 1024 * 1024);
  int status = 200;
  std::string text;
  if (body) {
    text = std::move(*body);
  } else {
    stage.fault = body.error();
    status = facts_of(body.error().code).http_status;
    text = std::string(name_of(body.error().code));
  }
  OwnedFields fields;
  const auto answered = co_await exchange.respond(status, fields, text);
  if (!answered && !stage.fault) stage.fault = answered.error();
  ++stage.handled;
  stage.told.notify_all();
}

inline Task<void> answer_403(Stage& stage, Exchange& exchange) {
  OwnedFields fields;
  const auto answered = co_await exchange.respond(403, fields, "no");
  if (!answered) stage.fault = answered.error();
  ++stage.handled;
  stage.told.notify_all();
}

// Says that it waits, and waits until it is cancelled.
inline Task<void> wait_for_ever(Stage& stage, Exchange& exchange) {
  stage.told.notify_all();
  auto slept = co_await runtime::sleep_until(exchange.shard(), Instant::never());
  if (!slept) stage.fault = slept.error();
  ++stage.handled;
  stage.told.notify_all();
}

}  // namespace portolan::http::testing

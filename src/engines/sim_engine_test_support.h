#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engines/engine_sim.h"
#include "http/client.h"
#include "runtime/epoll_shard.h"
#include "runtime/wait.h"
#include "virtual/universe.h"
#include "virtual/virtual_shard.h"
#include "wire/json_value.h"
#include "wire/sse.h"

// For tests: one simulated engine, and a client of it.
namespace portolan::engines::testing {

using runtime::Task;
using wire::Json;

inline SimOptions quick() {
  SimOptions options;
  options.ttft = Duration::milliseconds(1);
  options.ttft_per_token = Duration::microseconds(1);
  options.tpot = Duration::microseconds(100);
  return options;
}

struct Stage {
  Stage(runtime::Shard& on, std::unique_ptr<EngineSim> opened)
      : shard(on),
        sim(std::move(opened)),
        engine(*sim->engines().front()),
        state(engine.state()),
        pool(on, {engine.address(), nullptr, "", ""}) {}

  // A bound that only a bug reaches.
  Instant soon() const { return shard.now() + Duration::seconds(20); }

  runtime::Shard& shard;
  std::unique_ptr<EngineSim> sim;
  SimEngine& engine;
  SimState& state;
  http::Pool pool;
};

using Play = Task<void> (*)(Stage&);

inline Task<void> play_scene(runtime::Shard& shard, std::string host, EngineSimOptions options,
                             Play play) {
  options.listen = {{std::move(host), 0}};
  auto opened = EngineSim::open(shard, options);
  check(opened.has_value(), "no engine");
  Stage stage(shard, std::move(*opened));
  co_await play(stage);
  co_await stage.pool.close();
  co_await stage.sim->close();
}

// Over loopback.
inline void perform(Play play, SimOptions engine = quick(), std::string record = "") {
  runtime::EpollShard shard;
  shard.run(play_scene(shard, "127.0.0.1", {{}, std::move(engine), std::move(record)}, play));
}

// In virtual time.
inline void perform_virtually(Play play, SimOptions engine) {
  virtual_time::Universe universe(1);
  auto& machine = universe.add_machine("engine");
  EngineSimOptions options{{}, std::move(engine), ""};
  const bool ended = universe.run(play_scene(machine, "engine", std::move(options), play),
                                  Duration::seconds(3600));
  EXPECT_TRUE(ended);
}

// An answer, or the fault's name with status 0.
inline Task<http::Answer> ask(Stage& stage, http::Request request) {
  const Instant soon = stage.soon();
  auto answer = co_await http::fetch(stage.pool, std::move(request), soon);
  if (answer) co_return std::move(*answer);
  co_return http::Answer{0, {}, std::string(name_of(answer.error().code))};
}

inline Task<http::Answer> get(Stage& stage, const char* target) {
  return ask(stage, {"GET", target, {}, "", 1024 * 1024});
}
inline Task<http::Answer> post(Stage& stage, const char* target, const char* body) {
  return ask(stage, {"POST", target, {{"content-type", "application/json"}}, body, 1024 * 1024});
}

// A chat of ten tokens; `more` are members behind its messages.
inline http::Request chat_request(const char* more) {
  const std::string body = R"({"messages":[{"role":"user","content":"Say hello"}])";
  return {"POST", "/v1/chat/completions", {}, body + more + "}", 1024 * 1024};
}
inline Task<http::Answer> chat(Stage& stage, const char* more) {
  return ask(stage, chat_request(more));
}

inline Json json_of(std::string_view text) {
  auto json = wire::parse_json(text);
  EXPECT_TRUE(json) << text;
  return json ? *json : Json();
}

// The payloads of a stream's events; "[DONE]" as a string.
inline std::vector<Json> events_of(std::string_view stream) {
  std::vector<Json> events;
  wire::SseSplitter splitter;
  while (!stream.empty()) {
    const auto size = splitter.next(stream);
    if (!size || *size == 0) break;
    std::string joined;
    const auto event = wire::parse_event(stream.substr(0, *size), joined);
    events.push_back(event.data == "[DONE]" ? Json("[DONE]") : json_of(event.data));
    stream.remove_prefix(*size);
  }
  EXPECT_TRUE(stream.empty());
  return events;
}

// A value deep in a document, by names and element numbers: {"choices","0"}.
inline Json at(const Json& json, std::initializer_list<std::string_view> path) {
  const Json* here = &json;
  for (const std::string_view step : path) {
    if (here == nullptr) return {};
    const auto* array = here->as_array();
    here = array == nullptr ? here->find(step) : &array->at(std::stoul(std::string(step)));
  }
  return here == nullptr ? Json() : *here;
}

// Lets things happen until it is true, or a bug shows.
inline Task<bool> comes_true(Stage& stage, bool (*truth)(Stage&)) {
  const Instant soon = stage.soon();
  while (!truth(stage) && stage.shard.now() < soon) {
    const auto slept = co_await runtime::sleep_for(stage.shard, Duration::milliseconds(1));
    if (!slept) break;
  }
  co_return truth(stage);
}

}  // namespace portolan::engines::testing

#include "engines/engine_sim.h"

#include <fmt/format.h>

#include <utility>

#include "wire/json_writer.h"

namespace portolan::engines {
namespace {

Status check_options(const EngineSimOptions& options) {
  std::string_view wrong;
  if (options.listen.empty()) wrong = "engine-sim needs an address to listen on.";
  if (options.engine.slots == 0) wrong = "An engine needs at least one slot.";
  if (options.engine.context == 0) wrong = "An engine needs at least one token of context.";
  if (!wrong.empty()) return Fault{Code::bad_configuration, Retry::never, std::string(wrong)};
  return {};
}

std::string url_of(const SimEngine& engine) {
  return "http://" + runtime::to_string(engine.address());
}

}  // namespace

Result<std::unique_ptr<EngineSim>> EngineSim::open(runtime::Shard& shard,
                                                   const EngineSimOptions& options) {
  TRY_DO(check_options(options));
  std::vector<std::unique_ptr<runtime::Listener>> listeners;
  for (const runtime::Address& address : options.listen) {
    TRY(auto listener,
        shard.network().listen({.address = address, .share_port = false, .credentials = nullptr}));
    listeners.push_back(std::move(listener));
  }
  std::unique_ptr<EngineSim> sim(new EngineSim());
  if (!options.record.empty()) {
    TRY(auto file, shard.disk().open_append(options.record));
    sim->record_ = std::move(file);
  }
  for (auto& listener : listeners) {
    std::string name = fmt::format("engine-{}", sim->engines_.size() + 1);
    auto engine =
        std::make_unique<SimEngine>(shard, std::move(name), options.engine, sim->record_.get());
    engine->serve(std::move(listener));
    sim->engines_.push_back(std::move(engine));
  }
  return sim;
}

runtime::Task<void> EngineSim::close() {
  for (const auto& engine : engines_) co_await engine->close();
}

std::string render_listening(const EngineSim& sim) {
  std::string lines;
  for (const auto& engine : sim.engines()) {
    lines += fmt::format("listening {} {}\n", engine->name(), url_of(*engine));
  }
  return lines;
}

std::string render_listening_json(const EngineSim& sim) {
  std::string out;
  wire::JsonWriter json(out);
  json.begin_array();
  for (const auto& engine : sim.engines()) {
    json.begin_object().member("name", engine->name()).member("url", url_of(*engine)).end_object();
  }
  json.end_array();
  return out + "\n";
}

}  // namespace portolan::engines

#include "engines/local_engine.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace portolan::engines {
namespace {

// llama.cpp keeps prompts of idle slots in memory, 8 GiB of them by default:
// too much for several engines on one machine.
constexpr std::size_t prompt_cache_mib = 64;
// Threads that answer HTTP, beside one for each slot: requests that wait, probes.
constexpr std::size_t spare_http_threads = 4;

Fault refusal(std::string sentence) {
  return {Code::bad_configuration, Retry::never, std::move(sentence)};
}

Status check_engine(const LocalEngine& engine) {
  if (engine.port == 0) return refusal("A local engine needs a port that others can be told.");
  if (engine.model_file.empty()) return refusal("A local engine needs a model file (GGUF).");
  if (engine.slots == 0 || engine.context.value == 0 || engine.threads == 0) {
    return refusal("A local engine needs at least one slot, one token of context and one thread.");
  }
  return {};
}

// Options that not every llama-server of the last years knows are given as
// variables, which an older one passes over.
Command llama_server_command(const LocalEngine& engine, const LocalPrograms& programs) {
  Command command;
  command.arguments = {programs.llama_server,
                       "--host",
                       engine.host,
                       "--port",
                       fmt::to_string(engine.port),
                       "--model",
                       engine.model_file,
                       "--parallel",
                       fmt::to_string(engine.slots),
                       "--ctx-size",
                       fmt::to_string(engine.context.value * engine.slots),
                       "--threads",
                       fmt::to_string(engine.threads),
                       "--threads-http",
                       fmt::to_string(engine.slots + spare_http_threads),
                       "--poll",
                       "0",
                       "--no-warmup",
                       "--metrics"};
  if (!engine.alias.empty()) {
    command.arguments.insert(command.arguments.end(), {"--alias", engine.alias});
  }
  command.environment = {{"LLAMA_ARG_JINJA", "true"},
                         {"LLAMA_ARG_WEBUI", "false"},
                         {"LLAMA_ARG_UI", "false"},
                         {"LLAMA_ARG_CACHE_RAM", fmt::to_string(prompt_cache_mib)}};
  return command;
}

Command script_command(const LocalEngine& engine, const LocalPrograms& programs) {
  Command command;
  command.arguments = {programs.python, programs.script,
                       "--host",        engine.host,
                       "--port",        fmt::to_string(engine.port),
                       "--model",       engine.model_file,
                       "--slots",       fmt::to_string(engine.slots),
                       "--context",     fmt::to_string(engine.context.value),
                       "--threads",     fmt::to_string(engine.threads)};
  if (!engine.alias.empty()) {
    command.arguments.insert(command.arguments.end(), {"--alias", engine.alias});
  }
  return command;
}

}  // namespace

Result<Command> command_of(const LocalEngine& engine, const LocalPrograms& programs) {
  TRY_DO(check_engine(engine));
  if (!programs.llama_server.empty()) return llama_server_command(engine, programs);
  if (!programs.python.empty() && !programs.script.empty()) {
    return script_command(engine, programs);
  }
  return refusal(
      "No program here can run a model: put llama.cpp's llama-server on PATH, or install the "
      "Python package xllamacpp.");
}

std::size_t threads_for(std::size_t engines, std::size_t cpus) {
  return std::max<std::size_t>(1, cpus / std::max<std::size_t>(1, engines));
}

std::optional<std::string> find_program(std::string_view name, std::string_view path) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find(':'), path.size());
    const std::filesystem::path folder(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
    if (folder.empty()) continue;
    const std::filesystem::path file = folder / name;
    std::error_code ignored;
    if (std::filesystem::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0) {
      return file.string();
    }
  }
  return std::nullopt;
}

}  // namespace portolan::engines

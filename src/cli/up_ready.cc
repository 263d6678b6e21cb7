#include "cli/up_ready.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "world/document.h"
#include "world/validate.h"

namespace portolan::cli {
namespace {

Status check_name(const std::string& file, const std::vector<ReadyFile>& others) {
  const auto name = std::filesystem::path(file).filename().string();
  if (std::ranges::find(others, name, &ReadyFile::name) == others.end()) return {};
  return Fault{Code::bad_configuration, Retry::never,
               "two files for --ready are called " + name + "; call one of them otherwise"};
}

const model::Opening* opening_of(const ReadyFile& file) {
  for (const world::Resource& resource : file.resources) {
    if (const auto* opening = std::get_if<model::Opening>(&resource)) return opening;
  }
  return nullptr;
}

}  // namespace

Result<std::vector<ReadyFile>> read_ready_files(runtime::Disk& disk,
                                                const std::vector<std::string>& files,
                                                world::Contents world) {
  std::vector<ReadyFile> ready;
  for (const std::string& file : files) {
    TRY_DO(check_name(file, ready));
    TRY(std::string text, disk.read(file, world::source_bytes_max.count()));
    auto validation = world::validate({{.name = file, .text = std::move(text)}}, world);
    if (!validation.ok()) {
      std::string sentence = file + " cannot be opened on top of this World:";
      for (const auto& problem : validation.problems) sentence += "\n  " + render_problem(problem);
      return Fault{Code::bad_configuration, Retry::never, std::move(sentence)};
    }
    world = std::move(validation.contents);
    ready.push_back({std::filesystem::path(file).filename().string(), validation.changed});
  }
  return ready;
}

world::Contents with_ready(world::Contents world, const std::vector<ReadyFile>& files) {
  for (const ReadyFile& file : files) {
    for (const world::Resource& resource : file.resources) put(world, resource);
  }
  return world;
}

std::vector<ReadyFile> filled_in(std::vector<ReadyFile> files, const world::Contents& filled) {
  for (ReadyFile& file : files) {
    for (world::Resource& resource : file.resources) {
      auto found = world::find(filled, world::kind_of(resource), world::name_of(resource));
      if (found) resource = std::move(*found);
    }
  }
  return files;
}

std::vector<std::string> opening_command(const ReadyFile& file, const Home& home) {
  const auto* opening = opening_of(file);
  if (opening == nullptr) return {"apply", "-f", home.ready(file.name)};
  return {opening->zone.empty() ? "region" : "zone", "open", home.ready(file.name)};
}

}  // namespace portolan::cli

#include "cli/up_prepare.h"

#include <filesystem>

#include "base/limits.h"
#include "world/document.h"
#include "world/resource_text.h"
#include "world/validate.h"

namespace portolan::cli {
namespace {

constexpr Limit log_bytes_max{"log_bytes_max", 8 * 1024 * 1024,
                              "a child's log, before it is put aside as .log.1 at the next start"};
constexpr std::size_t ports_bytes_max = 1024 * 1024;

Result<world::Contents> read_world(runtime::Disk& disk, const UpOptions& options,
                                   const Programs& programs) {
  const std::string name =
      options.world.empty() ? programs.share + "/worlds/local.yaml" : options.world;
  TRY(std::string text, disk.read(name, world::source_bytes_max.count()));
  world::Validation validation = world::validate({{.name = name, .text = std::move(text)}});
  if (validation.ok()) return std::move(validation.contents);
  std::string sentence = name + " is no World:";
  for (const world::Problem& problem : validation.problems) {
    sentence += "\n  " + render_problem(problem);
  }
  return Fault{Code::bad_configuration, Retry::never, std::move(sentence)};
}

Result<Ports> read_ports(runtime::Disk& disk, const Home& home) {
  const auto text = disk.read(home.ports(), ports_bytes_max);
  if (!text && text.error().code == Code::resource_not_found) return Ports{};
  if (!text) return text.error();
  return parse_ports(*text);
}

Result<Ports> settle_ports(runtime::Disk& disk, const UpOptions& options, const Home& home,
                           const world::Contents& world) {
  TRY(const Ports known, read_ports(disk, home));
  const std::vector<std::string> names = port_names(world, options.engines);
  TRY(Ports ports, choose_ports(known, names, options.base_port, port_is_free));
  if (ports != known) TRY_DO(disk.replace(home.ports(), render_ports(ports)));
  return ports;
}

void put_long_logs_aside(const Home& home, const Plan& plan) {
  for (const ProcessPlan& process : plan.processes) {
    const std::string log = home.log(process.name);
    std::error_code ignored;
    const auto bytes = std::filesystem::file_size(log, ignored);
    if (ignored || bytes <= log_bytes_max.value) continue;
    std::filesystem::rename(log, log + ".1", ignored);
  }
}

}  // namespace

Result<Home> prepare_home(runtime::Shard& shard, const UpOptions& options) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::absolute(options.home, error);
  Home home{folder.lexically_normal().string()};
  while (home.folder.size() > 1 && home.folder.back() == '/') home.folder.pop_back();
  TRY_DO(shard.disk().make_folder(home.folder));
  std::filesystem::permissions(home.folder, std::filesystem::perms::owner_all, error);
  if (error) {
    return Fault{Code::disk_failed, Retry::never, home.folder + ": " + error.message()};
  }
  return home;
}

Result<Plan> prepare_up(runtime::Shard& shard, const UpOptions& options, const Home& home,
                        const Programs& programs) {
  runtime::Disk& disk = shard.disk();
  TRY(world::Contents world, read_world(disk, options, programs));
  TRY(auto ready, read_ready_files(disk, options.ready, world));
  TRY(const Ports ports, settle_ports(disk, options, home, with_ready(world, ready)));
  TRY(Plan plan, make_plan(std::move(world), std::move(ready), {options, home, programs, ports}));
  for (const std::string& folder : plan.folders) TRY_DO(disk.make_folder(folder));
  TRY_DO(prepare_authority(shard, {home.authority()}, local_network, plan.leaves,
                           options.rotate_control_key));
  put_long_logs_aside(home, plan);
  TRY_DO(disk.replace(home.world(), world::render_yaml(world::resources_of(plan.world))));
  if (!plan.ready.empty()) TRY_DO(disk.make_folder(home.ready()));
  for (const ReadyFile& file : plan.ready) {
    TRY_DO(disk.replace(home.ready(file.name), world::render_yaml(file.resources)));
  }
  return plan;
}

Status check_ports_free(const Plan& plan) {
  for (const auto& [name, port] : plan.ports) {
    if (port_is_free(port)) continue;
    return Fault{Code::resource_conflict, Retry::later,
                 "port " + std::to_string(port) + ", which this network has for " + name +
                     ", is taken by another process; end that one, or choose other ports with "
                     "'portolan up --base-port N'"};
  }
  return {};
}

}  // namespace portolan::cli

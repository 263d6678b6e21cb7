#include "cli/up_network.h"

#include <unistd.h>

#include <utility>

#include "cli/up_admin.h"
#include "cli/up_prepare.h"
#include "cli/up_print.h"
#include "runtime/combine.h"
#include "runtime/wait.h"

namespace portolan::cli {
namespace {

constexpr Duration ports_patience = Duration::seconds(3);       // after a network that was killed
constexpr Duration bring_up_patience = Duration::seconds(180);  // the first time on a busy machine
constexpr Duration look_again = Duration::milliseconds(100);
constexpr Duration table_interval = Duration::seconds(1);
constexpr Duration status_interval = Duration::seconds(10);
constexpr std::size_t network_file_bytes_max = 4 * 1024 * 1024;

Console::Style style_of(const UpOptions& options) {
  if (options.quiet) return Console::Style::quiet;
  return options.plain ? Console::Style::plain : Console::Style::drawn;
}

}  // namespace

UpNetwork::UpNetwork(runtime::Shard& shard, const UpOptions& options, Home home, Plan plan)
    : shard_(shard),
      options_(options),
      home_(std::move(home)),
      plan_(std::move(plan)),
      console_(style_of(options)),
      supervisor_(shard, home_, plan_.processes.size()),
      watch_(shard, plan_, supervisor_) {}

runtime::Task<Status> UpNetwork::bring_up() {
  CO_TRY_DO(co_await await_ports());
  auto standing = runtime::until(shard_, shard_.now() + bring_up_patience, make_true());
  auto dying = await_death();
  auto raced = co_await runtime::race(std::move(standing), std::move(dying));
  if (!raced.first_won && raced.other && !*raced.other) co_return raced.other->error();
  if (!raced.first) co_return runtime::cancelled_fault(Code::cancelled);
  const Status& stands = *raced.first;
  if (!stands && stands.error().code == Code::deadline_exceeded) {
    co_return Fault{Code::deadline_exceeded, Retry::later,
                    "the network does not stand after " +
                        std::to_string(bring_up_patience.milliseconds() / 1000) +
                        " s; still missing: " + watch_.describe_missing() + "; the logs are in " +
                        home_.logs()};
  }
  CO_TRY_DO(stands);
  CO_TRY_DO(write_network_file());
  if (options_.restart) supervisor_.begin_restarts();
  introduce();
  co_return Status{};
}

runtime::Task<Status> UpNetwork::make_true() {
  console_.progress("starting control and engines");
  CO_TRY_DO(start_role(ProcessPlan::Role::control));
  CO_TRY_DO(start_role(ProcessPlan::Role::engine));
  CO_TRY_DO(start_role(ProcessPlan::Role::meter));
  CO_TRY_DO(start_role(ProcessPlan::Role::gateway));
  console_.progress("waiting for control");
  CO_TRY(access_, co_await await_control(shard_, home_, plan_.admin_url));
  console_.progress("applying " + home_.world());
  CO_TRY_DO(co_await apply_world(shard_, access_, home_));
  CO_TRY(workspaces_,
         co_await settle_keys(shard_, access_, known_workspaces(), plan_.world.workspaces));
  CO_TRY_DO(co_await await_gateways());
  co_return Status{};
}

runtime::Task<Status> UpNetwork::await_ports() {
  const Instant late = shard_.now() + ports_patience;
  for (;;) {
    Status free = check_ports_free(plan_);
    if (free || shard_.now() >= late) co_return free;
    CO_TRY_DO(co_await runtime::sleep_for(shard_, look_again));
  }
}

runtime::Task<Status> UpNetwork::await_gateways() {
  for (;;) {
    co_await watch_.ask_missing();
    if (watch_.all_well()) co_return Status{};
    console_.progress("waiting for " + watch_.describe_missing());
    CO_TRY_DO(co_await runtime::sleep_for(shard_, look_again));
  }
}

runtime::Task<Status> UpNetwork::await_death() {
  for (;;) {
    const auto dead = supervisor_.describe_dead();
    if (dead) co_return Fault{Code::bad_configuration, Retry::never, *dead};
    CO_TRY_DO(co_await supervisor_.changed().wait());
  }
}

Status UpNetwork::start_role(ProcessPlan::Role role) {
  for (const ProcessPlan& process : plan_.processes) {
    if (process.role == role) TRY_DO(supervisor_.start(process));
  }
  return {};
}

runtime::Task<void> UpNetwork::stay_up() {
  runtime::Gate beside(shard_, 1);
  beside.start(keep_network_file());
  co_await show();
  co_await beside.close();
}

runtime::Task<void> UpNetwork::show() {
  const Duration interval = console_.draws() ? table_interval : status_interval;
  for (;;) {
    co_await watch_.ask_all();
    const bool metered = supervisor_.pid_of(meter_name) != 0;
    if (console_.draws()) {
      console_.draw(render_table(watch_.rows(), metered, console_.size()));
    } else {
      console_.progress(render_status(watch_.rows(), metered));
    }
    const Status slept = co_await runtime::sleep_for(shard_, interval);
    if (!slept) co_return;
  }
}

runtime::Task<void> UpNetwork::keep_network_file() {
  for (;;) {
    const Status told = co_await supervisor_.changed().wait();
    if (!told) co_return;
    const Status written = write_network_file();
    if (!written) shard_.report(written.error().message);
  }
}

runtime::Task<void> UpNetwork::close() {
  co_await watch_.close();
  co_await supervisor_.end();
  // Without a World there is nothing to describe yet.
  if (workspaces_.empty()) co_return;
  const Status written = write_network_file();
  if (!written) shard_.report(written.error().message);
}

std::vector<NetworkFile::Workspace> UpNetwork::known_workspaces() const {
  const auto text = shard_.disk().read(home_.network_file(), network_file_bytes_max);
  if (!text) return {};
  const auto file = parse_network_file(*text);
  return file ? file->workspaces : std::vector<NetworkFile::Workspace>{};
}

NetworkFile UpNetwork::describe() const {
  NetworkFile file;
  file.control_pid = supervisor_.pid_of(plan_.processes.front().name);
  file.meter_pid = supervisor_.pid_of(meter_name);
  file.pid = file.control_pid != 0 ? getpid() : 0;
  file.admin = {plan_.admin_url, access_.key};
  file.workspaces = workspaces_;
  const auto world = with_ready(plan_.world, plan_.ready);
  for (const model::Region& region : world.network.regions) {
    file.regions.push_back({region.name, region.url});
  }
  for (const ZonePlan& zone : plan_.zones) {
    file.zones.push_back({.name = zone.name,
                          .region = zone.region,
                          .gateway_url = zone.gateway_url,
                          .gateway_pid = supervisor_.pid_of(zone.gateway),
                          .engine_url = zone.engine_url,
                          .engine_pid = supervisor_.pid_of(zone.engine)});
  }
  return file;
}

Status UpNetwork::write_network_file() {
  constexpr bool secret = true;
  return shard_.disk().replace(home_.network_file(), render_network_file(describe()), secret);
}

void UpNetwork::introduce() {
  Introduction introduction{plan_.world, plan_.ready, plan_.admin_url, {}};
  for (const auto& [name, scope, key] : workspaces_) {
    introduction.workspaces.push_back({name, scope, key});
  }
  console_.say(render_introduction(introduction, home_));
}

}  // namespace portolan::cli

#include "cli/up_supervisor.h"

#include <csignal>
#include <utility>

#include "runtime/combine.h"
#include "runtime/wait.h"

namespace portolan::cli {
namespace {

constexpr Duration gateway_patience = Duration::seconds(10);  // streams that are being served
constexpr Duration other_patience = Duration::seconds(3);
constexpr Duration kill_patience = Duration::seconds(5);  // the kernel needs none, a slow disk may
constexpr std::size_t log_bytes_read_max = 16 * 1024 * 1024;
constexpr std::size_t log_tail_bytes = 2'000;

}  // namespace

Supervisor::Supervisor(runtime::Shard& shard, const Home& home, std::size_t processes_max)
    : shard_(shard), home_(home), changed_(shard), restarting_(shard, processes_max) {}

Status Supervisor::start(const ProcessPlan& process) {
  Child& child = children_[process.name];
  child.plan = &process;
  return start_again(child);
}

Status Supervisor::start_again(Child& child) {
  TRY(child.pid, start_child({.arguments = child.plan->arguments,
                              .environment = child.plan->environment,
                              .log = home_.log(child.plan->name)}));
  child.started = shard_.now();
  changed_.notify_all();
  return {};
}

void Supervisor::take_ends() {
  for (auto& [name, child] : children_) {
    if (child.pid == 0) continue;
    const std::optional<int> ended = take_end_of_child(child.pid);
    if (!ended) continue;
    child.pid = 0;
    child.wait_status = *ended;
    child.deaths = count_death(child.deaths, shard_.now() - child.started);
    changed_.notify_all();
    if (restarts_ && !ending_) restarting_.start(restart_later(child));
  }
}

runtime::Task<void> Supervisor::restart_later(Child& child) {
  for (;;) {
    const Status slept = co_await runtime::sleep_for(shard_, restart_delay(child.deaths));
    if (!slept || ending_) co_return;
    const Status started = start_again(child);
    if (started) co_return;
    child.deaths = count_death(child.deaths, Duration{});
    shard_.report(started.error().message);
  }
}

runtime::Task<void> Supervisor::end() {
  ending_ = true;
  co_await restarting_.close();
  co_await end_role(ProcessPlan::Role::gateway, gateway_patience);
  signal_role(ProcessPlan::Role::control, SIGTERM);
  signal_role(ProcessPlan::Role::meter, SIGTERM);
  co_await end_role(ProcessPlan::Role::engine, other_patience);
  co_await end_role(ProcessPlan::Role::meter, other_patience);
  co_await end_role(ProcessPlan::Role::control, other_patience);
}

runtime::Task<Status> Supervisor::await_change() {
  auto told = co_await changed_.wait();
  co_return told;
}

runtime::Task<void> Supervisor::end_role(ProcessPlan::Role role, Duration patience) {
  signal_role(role, SIGTERM);
  const Instant late = shard_.now() + patience;
  bool killed = false;
  const Instant given_up = late + kill_patience;
  while (any_runs(role) && shard_.now() < given_up) {
    if (!killed && shard_.now() >= late) {
      signal_role(role, SIGKILL);
      killed = true;
    }
    const Instant next = killed ? given_up : late;
    auto waiting = await_change();
    (void)co_await runtime::until(shard_, next, std::move(waiting));
  }
}

void Supervisor::signal_role(ProcessPlan::Role role, int number) {
  for (const auto& [name, child] : children_) {
    if (child.pid != 0 && child.plan->role == role) signal_child(child.pid, number);
  }
}

bool Supervisor::any_runs(ProcessPlan::Role role) const {
  for (const auto& [name, child] : children_) {
    if (child.pid != 0 && child.plan->role == role) return true;
  }
  return false;
}

void Supervisor::kill_all() {
  for (const auto& [name, child] : children_) {
    if (child.pid != 0) signal_child(child.pid, SIGKILL);
  }
}

pid_t Supervisor::pid_of(const std::string& name) const {
  const auto found = children_.find(name);
  return found == children_.end() ? 0 : found->second.pid;
}

std::optional<std::string> Supervisor::describe_dead() const {
  for (const auto& [name, child] : children_) {
    if (child.pid != 0 || child.plan == nullptr) continue;
    const std::string log = home_.log(name);
    std::string sentence = name + " " + describe_end(child.wait_status);
    auto text = shard_.disk().read(log, log_bytes_read_max);
    if (!text || text->empty()) return sentence + "; " + log + " says nothing";
    if (text->size() > log_tail_bytes) text->erase(0, text->size() - log_tail_bytes);
    return sentence + "; the end of " + log + ":\n" + *text;
  }
  return std::nullopt;
}

}  // namespace portolan::cli

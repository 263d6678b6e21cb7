#include "etcd_cluster.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

#include "cli/child_process.h"
#include "http/client.h"
#include "runtime/epoll_shard.h"
#include "runtime/wait.h"
#include "wire/json_value.h"

namespace portolan::store::testing {
namespace {

using runtime::Task;

std::string make_folder() {
  std::string name = "/tmp/portolan-etcd-XXXXXX";
  check(mkdtemp(name.data()) != nullptr, "a test has a folder");
  return name;
}

// Below the ports that the kernel gives to whoever asks for any: a member that is
// killed comes back to its own, and nobody may have got it meanwhile.
constexpr std::uint16_t first_port = 10'000;
constexpr std::size_t rows = 200;

bool are_free(runtime::EpollShard& shard, const std::vector<runtime::Address>& ports) {
  std::vector<std::unique_ptr<runtime::Listener>> held;
  for (const auto& address : ports) {
    auto listener = shard.network().listen({.address = address, .credentials = nullptr});
    if (!listener) return false;
    held.push_back(std::move(*listener));
  }
  return true;
}

std::vector<runtime::Address> free_ports(std::size_t count) {
  runtime::EpollShard shard;
  for (std::size_t tried = 0; tried < rows; ++tried) {
    const std::size_t row = (static_cast<std::size_t>(getpid()) + tried) % rows;
    std::vector<runtime::Address> ports;
    for (std::size_t i = 0; i < count; ++i) {
      ports.push_back({"127.0.0.1", static_cast<std::uint16_t>(first_port + row * count + i)});
    }
    if (are_free(shard, ports)) return ports;
  }
  check(false, "there is a row of free ports");
  return {};
}

std::string url(const runtime::Address& address) { return "http://" + to_string(address); }

struct State {
  std::string id;
  std::string leader;
};

std::string text_of(const wire::Json* json) {
  const auto* text = json != nullptr ? json->as_string() : nullptr;
  return text != nullptr ? *text : "";
}

// Whether it answers a linearizable read, and whom it takes for the leader.
Task<std::optional<State>> state_of(runtime::Shard& shard, runtime::Address address) {
  http::Pool pool(shard,
                  {.address = address, .credentials = nullptr, .server_name = "", .identity = ""});
  std::optional<State> state;
  const Instant deadline = shard.now() + Duration::seconds(10);
  http::Request read{
      .method = "POST", .target = "/v3/kv/range", .fields = {}, .body = R"({"key":"AA=="})"};
  http::Request look{
      .method = "POST", .target = "/v3/maintenance/status", .fields = {}, .body = "{}"};
  const auto fresh = co_await http::fetch(pool, read, deadline);
  const auto answer = co_await http::fetch(pool, look, deadline);
  if (fresh && fresh->status == 200 && answer && answer->status == 200) {
    const auto json = wire::parse_json(answer->body);
    check(json.has_value(), "etcd speaks JSON");
    state = State{text_of(json->find("header")->find("member_id")), text_of(json->find("leader"))};
  }
  co_await pool.close();
  co_return state;
}

std::unique_ptr<EtcdCluster>& only_cluster() {
  static std::unique_ptr<EtcdCluster> only;
  return only;
}

}  // namespace

EtcdCluster::EtcdCluster() : folder_(make_folder()) {
  check(std::filesystem::exists(PORTOLAN_ETCD), "scripts/build_etcd.sh has built " PORTOLAN_ETCD);
  const auto ports = free_ports(2 * size);
  for (std::size_t i = 0; i < size; ++i) {
    members_[i].client = ports[i];
    members_[i].peer = ports[size + i];
    peers_ += fmt::format("{}m{}={}", i == 0 ? "" : ",", i, url(members_[i].peer));
  }
  for (std::size_t i = 0; i < size; ++i) start(i);
}

EtcdCluster::~EtcdCluster() {
  for (std::size_t i = 0; i < size; ++i) {
    if (members_[i].process != 0) kill(i);
  }
  std::filesystem::remove_all(folder_);
}

std::vector<runtime::Address> EtcdCluster::addresses(std::size_t first) const {
  std::vector<runtime::Address> addresses;
  for (std::size_t i = 0; i < size; ++i) addresses.push_back(members_[(first + i) % size].client);
  return addresses;
}

void EtcdCluster::start(std::size_t member) {
  auto& one = members_[member];
  check(one.process == 0, "a member that runs is not started");
  const std::string name = fmt::format("m{}", member);
  cli::ChildOrder order;
  order.log = folder_ + "/" + name + ".log";
  order.arguments = {PORTOLAN_ETCD,
                     "--name",
                     name,
                     "--data-dir",
                     folder_ + "/" + name,
                     "--listen-client-urls",
                     url(one.client),
                     "--advertise-client-urls",
                     url(one.client),
                     "--listen-peer-urls",
                     url(one.peer),
                     "--initial-advertise-peer-urls",
                     url(one.peer),
                     "--initial-cluster",
                     peers_,
                     "--initial-cluster-state",
                     "new",
                     "--log-level",
                     "warn"};
  const auto child = cli::start_child(order);
  check(child.has_value(), "etcd starts");
  one.process = *child;
}

void EtcdCluster::kill(std::size_t member) {
  auto& one = members_[member];
  cli::signal_child(one.process, SIGCONT);
  cli::signal_child(one.process, SIGKILL);
  int status = 0;
  check(waitpid(one.process, &status, 0) == one.process, "a killed member ends");
  one.process = 0;
}

void EtcdCluster::suspend(std::size_t member) {
  cli::signal_child(members_[member].process, SIGSTOP);
}

void EtcdCluster::resume(std::size_t member) {
  cli::signal_child(members_[member].process, SIGCONT);
}

Task<void> EtcdCluster::settle(runtime::Shard& shard) {
  const Instant deadline = shard.now() + Duration::seconds(60);
  for (std::size_t member = 0; member < size;) {
    const auto state = co_await state_of(shard, members_[member].client);
    if (state) {
      members_[member++].id = state->id;
      continue;
    }
    check(shard.now() < deadline, "etcd is ready within a minute");
    const auto slept = co_await runtime::sleep_for(shard, Duration::milliseconds(100));
    check(slept.has_value(), "nobody cancels this");
  }
}

Task<std::size_t> EtcdCluster::leader(runtime::Shard& shard) {
  co_await settle(shard);
  const auto state = co_await state_of(shard, members_[0].client);
  check(state.has_value(), "a settled member answers");
  for (std::size_t member = 0; member < size; ++member) {
    if (members_[member].id == state->leader) co_return member;
  }
  check(false, "the leader is one of the members");
  co_return 0;
}

EtcdCluster& cluster() {
  auto& only = only_cluster();
  if (!only) only = std::make_unique<EtcdCluster>();
  return *only;
}

void end_cluster() { only_cluster().reset(); }

}  // namespace portolan::store::testing

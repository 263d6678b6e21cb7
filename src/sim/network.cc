#include "sim/network.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "gateway/run_gateway.h"
#include "runtime/wait.h"
#include "seal/identity.h"

namespace portolan::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view network_name = "net";
constexpr std::uint16_t admin_port = 7001;
constexpr std::uint16_t gateways_port = 7002;
constexpr std::uint16_t front_port = 8000;
constexpr std::uint16_t hop_port = 8001;
constexpr std::uint16_t engine_port = 9000;
constexpr const char* admin_key_file = "/control/admin.key";

seal::SigningKey signing_key(unsigned char byte) {
  seal::KeySeed bytes{};
  bytes.fill(byte);
  return seal::SigningKey(bytes);
}

const seal::SigningKey& root_key() {
  static const seal::SigningKey key = signing_key(1);
  return key;
}

seal::Signer make_signer() {
  seal::SigningKey key = signing_key(2);
  seal::Subject subject;
  subject.network = network_name;
  subject.name = "control-1";
  subject.key = key.verify_key();
  subject.not_before = WallTime::from_unix_seconds(0);
  subject.not_after = WallTime::from_unix_seconds(4'000'000'000);
  return {key, seal::issue_certificate(subject, root_key())};
}

// In virtual time a certificate is its URI in clear.
runtime::TlsMaterial material_of(const seal::Identity& identity) {
  return {.certificate = seal::render_identity(identity),
          .key = {},
          .authority = {},
          .require_peer = true};
}

control::RunOptions control_options(std::string data) {
  const std::string network(network_name);
  return {.network = network,
          .epoch = 0,
          .data = std::move(data),
          .admin_key_file = admin_key_file,
          .signer = make_signer(),
          .tls = material_of({network, seal::Identity::Kind::control, "", "control-1"}),
          .admin = {"127.0.0.1", admin_port},
          .gateways = {"control", gateways_port}};
}

std::shared_ptr<const runtime::Credentials> credentials_of(virtual_time::VirtualShard& machine,
                                                           const seal::Identity& identity) {
  auto made = machine.network().make_credentials(material_of(identity));
  check(made.has_value(), "in virtual time credentials are made of names");
  return std::move(*made);
}

std::string make_folder() {
  std::string folder = (fs::temp_directory_path() / "portolan-sim-XXXXXX").string();
  check(mkdtemp(folder.data()) != nullptr, "no folder for the store of a simulated control");
  return folder;
}

runtime::Task<Status> run_control_process(runtime::Shard& shard, control::RunOptions& options,
                                          runtime::Event& stop) {
  auto status = co_await control::run_control(shard, options, [](const auto&) {}, stop);
  co_return status;
}

runtime::Task<Status> run_engine(runtime::Shard& shard, engines::EngineSimOptions options,
                                 engines::EngineSim*& seat, runtime::Event& stop) {
  CO_TRY(auto sim, engines::EngineSim::open(shard, std::move(options)));
  seat = sim.get();
  const Status stopped = co_await stop.wait();
  seat = nullptr;
  co_await sim->close();
  co_return Status{};
}

runtime::Task<Result<int>> status_of(runtime::Shard& shard, runtime::Address address,
                                     std::string target) {
  http::Pool pool(shard, http::Origin{address, nullptr, {}, {}});
  http::Request request;
  request.target = std::move(target);
  auto answer = co_await http::fetch(pool, std::move(request), shard.now() + Duration::seconds(2));
  co_await pool.close();
  if (!answer) co_return answer.error();
  co_return answer->status;
}

}  // namespace

Network::Network(NetworkOptions options)
    : options_(std::move(options)),
      universe_(options_.seed),
      store_folder_(make_folder()),
      control_options_(control_options(store_folder_)) {
  prepare_control();
  for (std::size_t at = 0; at < options_.atlas.zones.size(); ++at) prepare_zone(at);
  client_ = &universe_.add_machine("client");
  admin_ = std::make_unique<Admin>(*client_, runtime::Address{"control", admin_port});
}

Network::~Network() { fs::remove_all(store_folder_); }

void Network::prepare_control() {
  control_machine_ = &universe_.add_machine("control");
  control_ = std::make_unique<Process>(*control_machine_, [this](runtime::Event& stop) {
    return run_control_process(*control_machine_, control_options_, stop);
  });
  old_machine_ = &universe_.add_machine("old-control");
  old_control_ = std::make_unique<OldControl>(
      *old_machine_, runtime::ListenOptions{
                         .address = {"old-control", gateways_port},
                         .share_port = false,
                         .credentials = credentials_of(
                             *old_machine_, {std::string(network_name),
                                             seal::Identity::Kind::control, "", "old-control"})});
  old_process_ = std::make_unique<Process>(
      *old_machine_, [this](runtime::Event& stop) { return old_control_->run(stop); });
}

void Network::prepare_zone(std::size_t at) {
  zones_.push_back(std::make_unique<ZoneSite>());
  ZoneSite& site = *zones_.back();
  const std::string id = gateway_name(at);
  const std::string engine = engine_name(at);
  site.gateway_machine = &universe_.add_machine(id);
  site.engine_machine = &universe_.add_machine(engine);
  site.front_door = {id, front_port};
  site.options.network = network_name;
  site.options.id = id;
  site.options.zone = options_.atlas.zones[at].name;
  site.options.data = "/gateway";
  site.options.root = root_key().verify_key();
  site.options.controls = {{"control", gateways_port}, {"old-control", gateways_port}};
  site.options.control_identity = fmt::format("spiffe://{}/control/", network_name);
  site.options.tls = material_of(
      {std::string(network_name), seal::Identity::Kind::gateway, site.options.zone, id});
  site.options.front_doors = {
      {.address = site.front_door, .share_port = false, .credentials = nullptr}};
  site.options.hop = {id, hop_port};
  site.options.access_log = "/gateway/access.log";
  site.gateway = std::make_unique<Process>(*site.gateway_machine, [&site](runtime::Event& stop) {
    return gateway::run_gateway(*site.gateway_machine, site.options, stop);
  });
  site.engine =
      std::make_unique<Process>(*site.engine_machine, [this, &site, engine](runtime::Event& stop) {
        engines::EngineSimOptions sim{.listen = {{engine, engine_port}},
                                      .engine = options_.engine,
                                      .record = "/engine/record"};
        return run_engine(*site.engine_machine, std::move(sim), site.sim, stop);
      });
}

void Network::start_missing() {
  if (!control_->running()) control_->start();
  if (!old_process_->running()) old_process_->start();
  for (const auto& site : zones_) {
    if (!site->engine->running()) site->engine->start();
    if (!site->gateway->running()) site->gateway->start();
  }
}

runtime::Task<Status> Network::bring_up() {
  start_missing();
  constexpr std::size_t key_bytes_max = 256;
  std::string key;
  for (int tries = 0; key.empty() && tries < 100; ++tries) {
    CO_TRY_DO(co_await runtime::sleep_for(*client_, Duration::milliseconds(100)));
    key = control_machine_->disk().read(admin_key_file, key_bytes_max).value_or("");
  }
  if (!control_->running()) co_return control_->outcome();
  if (key.ends_with('\n')) key.pop_back();
  admin_->set_key(key);
  std::string resources = render_atlas(options_.atlas, 0);
  CO_TRY(first_world_, co_await admin_->apply(std::move(resources)));
  auto ready = co_await await_ready(Duration::seconds(30));
  co_return ready;
}

runtime::Task<Status> Network::await_ready(Duration within) {
  const Instant deadline = client_->now() + within;
  for (const auto& site : zones_) {
    for (;;) {
      const auto status = co_await status_of(*client_, site->front_door, "/readyz");
      if (status && *status == 200) break;
      if (client_->now() >= deadline) {
        co_return Fault{
            Code::timed_out, Retry::never,
            fmt::format("{} is not ready within {} s: {}", site->options.id, within.seconds(),
                        status ? std::to_string(*status) : status.error().message)};
      }
      CO_TRY_DO(co_await runtime::sleep_for(*client_, Duration::milliseconds(100)));
    }
  }
  co_return Status{};
}

runtime::Task<void> Network::shut_down() {
  for (const auto& site : zones_) co_await site->gateway->stop();
  for (const auto& site : zones_) co_await site->engine->stop();
  co_await old_process_->stop();
  co_await control_->stop();
}

}  // namespace portolan::sim

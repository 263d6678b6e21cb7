#include "virtual/virtual_network.h"

#include <utility>

#include "runtime/wait.h"
#include "virtual/universe.h"
#include "virtual/virtual_shard.h"

namespace portolan::virtual_time {

// One end of a Connection.
class VirtualStream final : public runtime::Stream {
 public:
  VirtualStream(std::shared_ptr<Connection> connection, std::size_t side)
      : connection_(std::move(connection)), side_(side) {}
  ~VirtualStream() override { connection_->leave(side_, reset_); }

  bool start_read(std::span<char> into, runtime::Operation& operation) override {
    return connection_->start_read(side_, into, operation);
  }
  bool start_write(std::span<const std::string_view> pieces,
                   runtime::Operation& operation) override {
    return connection_->start_write(side_, pieces, operation);
  }
  void cancel(runtime::Operation& operation, Code why) override {
    connection_->cancel(side_, operation, why);
  }
  void shut_down_write() override { connection_->send_end(side_); }
  void reset_on_close() override { reset_ = true; }
  std::string peer_identity() const override { return connection_->end(1 - side_).identity; }
  std::string peer_address() const override { return connection_->end(1 - side_).machine->name(); }

 private:
  std::shared_ptr<Connection> connection_;
  std::size_t side_;
  bool reset_ = false;
};

runtime::Task<Result<std::unique_ptr<runtime::Stream>>> VirtualNetwork::connect(
    runtime::ConnectOptions options) {
  Faults& faults = universe_.faults();
  const bool refused = universe_.random().chance(faults.connect_refused);
  const bool lost = !refused && universe_.random().chance(faults.connect_lost);
  if (lost) {
    ++faults.happened["connect_lost"];
    universe_.note(machine_.name(), "connect_lost");
    CO_TRY_DO(co_await runtime::sleep_until(machine_, Instant::never()));
  }
  const std::string host = options.address.host;
  const VirtualShard* there = universe_.find_machine(host);
  const std::string& name = there == nullptr ? machine_.name() : there->name();
  const Links& links = universe_.links();
  const Duration way = links.delay(machine_.name(), name) + links.delay(name, machine_.name());
  CO_TRY_DO(co_await runtime::sleep_for(machine_, faults.latency * 2 + way));
  const bool cut = links.blocked(machine_.name(), name) || links.blocked(name, machine_.name());
  if (!refused && (cut || (there != nullptr && there->is_silent()))) {
    universe_.note(machine_.name(), "gets no answer from " + name);
    CO_TRY_DO(co_await runtime::sleep_until(machine_, Instant::never()));
  }
  const auto found = universe_.listeners_.find({name, options.address.port});
  if (refused) ++faults.happened["connect_refused"];
  if (refused || machine_.is_cut_off() || found == universe_.listeners_.end()) {
    universe_.note(machine_.name(), "refused by " + runtime::to_string(options.address));
    co_return Fault{Code::connection_refused, Retry::elsewhere, "nothing listens there"};
  }
  VirtualListener& listener = *found->second;
  auto connection = std::make_shared<Connection>(universe_, ++universe_.connection_count_,
                                                 machine_, listener.machine());
  const auto* mine = static_cast<const VirtualCredentials*>(options.credentials.get());
  const auto* theirs = listener.credentials();
  if ((mine == nullptr) != (theirs == nullptr)) {
    co_return Fault{Code::untrusted_peer, Retry::elsewhere, "one side speaks TLS, the other not"};
  }
  if (mine != nullptr) {
    if (theirs->require_peer) connection->end(0).identity = mine->identity;
    connection->end(1).identity = theirs->identity;
  }
  universe_.connections_.push_back(connection);
  universe_.note(machine_.name(), "connected to " + listener.machine().name());
  listener.arrive(connection);
  co_return std::unique_ptr<runtime::Stream>(std::make_unique<VirtualStream>(connection, 0));
}

Result<std::unique_ptr<runtime::Listener>> VirtualNetwork::listen(runtime::ListenOptions options) {
  options.address.host = machine_.name();
  if (options.address.port == 0) options.address.port = universe_.next_port_++;
  if (universe_.listeners_.contains({options.address.host, options.address.port})) {
    return Fault{Code::bad_configuration, Retry::never,
                 "the port of " + runtime::to_string(options.address) + " is taken"};
  }
  return std::make_unique<VirtualListener>(universe_, machine_, std::move(options));
}

Result<std::shared_ptr<const runtime::Credentials>> VirtualNetwork::make_credentials(
    runtime::TlsMaterial material) {
  return std::make_shared<const VirtualCredentials>(material.certificate, material.require_peer);
}

VirtualListener::VirtualListener(Universe& universe, VirtualShard& machine,
                                 runtime::ListenOptions options)
    : universe_(universe), machine_(machine), options_(std::move(options)), arrived_(machine) {
  universe_.listeners_[{options_.address.host, options_.address.port}] = this;
}

VirtualListener::~VirtualListener() {
  if (!cut_off_) universe_.listeners_.erase({options_.address.host, options_.address.port});
  for (const auto& connection : waiting_) connection->leave(1, true);
}

const VirtualCredentials* VirtualListener::credentials() const {
  return static_cast<const VirtualCredentials*>(options_.credentials.get());
}

void VirtualListener::arrive(std::shared_ptr<Connection> connection) {
  waiting_.push_back(std::move(connection));
  arrived_.notify_all();
}

runtime::Task<Result<std::unique_ptr<runtime::Stream>>> VirtualListener::accept() {
  while (waiting_.empty()) {
    CO_TRY_DO(co_await arrived_.wait());
  }
  auto connection = std::move(waiting_.front());
  waiting_.pop_front();
  co_return std::unique_ptr<runtime::Stream>(std::make_unique<VirtualStream>(connection, 1));
}

}  // namespace portolan::virtual_time

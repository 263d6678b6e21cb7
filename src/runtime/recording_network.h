#pragma once

#ifdef PORTOLAN_TEST_SEAMS

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/network.h"

namespace portolan::runtime {

// What a process received, in clear, in one file of its own: for each read a line
// "<accepted|connected> <connection> <address> <bytes>", the bytes, and a line
// feed. `address` is the listener's, or the one that was connected to. Written
// before anybody sees the bytes, so that a process that is killed has recorded
// all that it read.
class ReceivedFile {
 public:
  explicit ReceivedFile(const std::string& folder);
  ReceivedFile(const ReceivedFile&) = delete;
  ReceivedFile& operator=(const ReceivedFile&) = delete;
  ~ReceivedFile();

  std::uint64_t next_connection() { return ++connections_; }
  void add(std::string_view label, std::string_view bytes);

 private:
  int descriptor_ = -1;
  std::uint64_t connections_ = 0;
};

// Another Network, whose streams record every byte that is read from them, TLS
// taken off. In test builds only; set at start by `app`.
//
// Lives on: one shard.  Owner: that shard; outlives its streams.
class RecordingNetwork final : public Network {
 public:
  RecordingNetwork(std::unique_ptr<Network> network, const std::string& folder)
      : network_(std::move(network)), file_(folder) {}

  Task<Result<std::unique_ptr<Stream>>> connect(ConnectOptions options) override;
  Result<std::unique_ptr<Listener>> listen(ListenOptions options) override;
  Result<std::shared_ptr<const Credentials>> make_credentials(TlsMaterial material) override;

 private:
  std::unique_ptr<Network> network_;
  ReceivedFile file_;
};

}  // namespace portolan::runtime

#endif

#include "runtime/recording_network.h"

#ifdef PORTOLAN_TEST_SEAMS

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <utility>

namespace portolan::runtime {
namespace {

class RecordingStream final : public Stream {
 public:
  RecordingStream(std::unique_ptr<Stream> stream, ReceivedFile& file, std::string_view how,
                  const Address& address)
      : stream_(std::move(stream)),
        file_(file),
        label_(fmt::format("{} {} {}", how, file.next_connection(), to_string(address))),
        read_(*this) {}

  bool start_read(std::span<char> into, Operation& operation) override {
    into_ = into;
    reader_ = &operation;
    read_.outcome = std::size_t{0};
    if (!stream_->start_read(into, read_)) return false;
    hand_over();
    return true;
  }
  bool start_write(std::span<const std::string_view> pieces, Operation& operation) override {
    return stream_->start_write(pieces, operation);
  }
  void cancel(Operation& operation, Code why) override {
    stream_->cancel(&operation == reader_ ? static_cast<Operation&>(read_) : operation, why);
  }
  void shut_down_write() override { stream_->shut_down_write(); }
  void reset_on_close() override { stream_->reset_on_close(); }
  std::string peer_identity() const override { return stream_->peer_identity(); }
  std::string peer_address() const override { return stream_->peer_address(); }

 private:
  // Stands in for the reader's own operation.
  class Read final : public Operation {
   public:
    explicit Read(RecordingStream& stream) : stream_(stream) {}
    void done() override { stream_.hand_over()->done(); }

   private:
    RecordingStream& stream_;
  };

  // The operation of the reader, who may destroy this stream when it is done.
  Operation* hand_over() {
    Operation* reader = std::exchange(reader_, nullptr);
    if (read_.outcome && *read_.outcome > 0) file_.add(label_, {into_.data(), *read_.outcome});
    reader->outcome = std::move(read_.outcome);
    return reader;
  }

  std::unique_ptr<Stream> stream_;
  ReceivedFile& file_;
  std::string label_;
  std::span<char> into_;
  Operation* reader_ = nullptr;
  Read read_;
};

class RecordingListener final : public Listener {
 public:
  RecordingListener(std::unique_ptr<Listener> listener, ReceivedFile& file)
      : listener_(std::move(listener)), file_(file) {}

  Task<Result<std::unique_ptr<Stream>>> accept() override {
    CO_TRY(auto stream, co_await listener_->accept());
    co_return std::make_unique<RecordingStream>(std::move(stream), file_, "accepted", address());
  }
  Address address() const override { return listener_->address(); }

 private:
  std::unique_ptr<Listener> listener_;
  ReceivedFile& file_;
};

}  // namespace

ReceivedFile::ReceivedFile(const std::string& folder) {
  // Process ids come again; a process and its time do not.
  const auto time = std::chrono::system_clock::now().time_since_epoch().count();
  const std::string path = fmt::format("{}/{}-{}.received", folder, time, getpid());
  descriptor_ = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  check(descriptor_ >= 0, "what is received cannot be recorded");
}

ReceivedFile::~ReceivedFile() { close(descriptor_); }

void ReceivedFile::add(std::string_view label, std::string_view bytes) {
  const std::string block = fmt::format("{} {}\n{}\n", label, bytes.size(), bytes);
  std::string_view left = block;
  while (!left.empty()) {
    const ssize_t written = write(descriptor_, left.data(), left.size());
    check(written > 0, "what was received could not be recorded");
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

Task<Result<std::unique_ptr<Stream>>> RecordingNetwork::connect(ConnectOptions options) {
  const Address address = options.address;
  CO_TRY(auto stream, co_await network_->connect(std::move(options)));
  co_return std::make_unique<RecordingStream>(std::move(stream), file_, "connected", address);
}

Result<std::unique_ptr<Listener>> RecordingNetwork::listen(ListenOptions options) {
  TRY(auto listener, network_->listen(std::move(options)));
  return std::make_unique<RecordingListener>(std::move(listener), file_);
}

Result<std::shared_ptr<const Credentials>> RecordingNetwork::make_credentials(
    TlsMaterial material) {
  return network_->make_credentials(std::move(material));
}

}  // namespace portolan::runtime

#endif

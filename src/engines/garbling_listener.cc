#include "engines/garbling_listener.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "runtime/wait.h"

namespace portolan::engines {
namespace {

using runtime::Operation;

constexpr std::array<std::string_view, 1> garbled = {
    "HTTP/1.1 2OO nearly\r\ncontent-length: -1\r\ncontent length: 3\r\n\r\n???"};

// How soon a stall that was taken back is noticed.
constexpr Duration stall_glance = Duration::milliseconds(20);

class GarblingStream final : public runtime::Stream {
 public:
  explicit GarblingStream(std::unique_ptr<runtime::Stream> inner) : inner_(std::move(inner)) {}

  bool start_read(std::span<char> into, Operation& operation) override {
    return inner_->start_read(into, operation);
  }
  bool start_write(std::span<const std::string_view> pieces, Operation& operation) override {
    const bool is_ordered = !pieces.empty() && pieces[0].starts_with("HTTP/") &&
                            pieces[0].find(garble_field) != std::string_view::npos;
    return inner_->start_write(is_ordered ? std::span(garbled) : pieces, operation);
  }
  void cancel(Operation& operation, Code why) override { inner_->cancel(operation, why); }
  void shut_down_write() override { inner_->shut_down_write(); }
  void reset_on_close() override { inner_->reset_on_close(); }
  std::string peer_identity() const override { return inner_->peer_identity(); }
  std::string peer_address() const override { return inner_->peer_address(); }

 private:
  std::unique_ptr<runtime::Stream> inner_;
};

}  // namespace

runtime::Task<Result<std::unique_ptr<runtime::Stream>>> GarblingListener::accept() {
  CO_TRY(auto stream, co_await inner_->accept());
  while (shard_.now() < faults_.accept_stalled_until()) {
    const Instant glance = std::min(faults_.accept_stalled_until(), shard_.now() + stall_glance);
    CO_TRY_DO(co_await runtime::sleep_until(shard_, glance));
  }
  co_return std::make_unique<GarblingStream>(std::move(stream));
}

}  // namespace portolan::engines

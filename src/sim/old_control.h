#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "http/server.h"
#include "runtime/event.h"
#include "seal/signed_document.h"
#include "world/poll.h"

namespace portolan::sim {

// A control that is not to be believed, though its certificate is good: it
// answers polls with documents that are older than what the gateway holds, that
// are spoiled, or that another root signed. Gateways ask it when the control
// does not answer.
//
// Lives on: one machine.  Owner: a Network.
class OldControl final : public http::Handler {
 public:
  OldControl(runtime::Shard& shard, runtime::ListenOptions listen)
      : shard_(shard), listen_(std::move(listen)) {}

  // Serves until `stop` is notified or its scope is cancelled.
  runtime::Task<Status> run(runtime::Event& stop);
  // A document that the network has seen, as it was sealed.
  void keep(seal::DocumentKind kind, std::string sealed);
  // Genuine documents of that kind, oldest first.
  const std::vector<std::string>& kept(seal::DocumentKind kind) { return kept_[kind]; }

  // document_replayed, document_forged: answers that were sent.
  const std::map<std::string, std::uint64_t>& happened() const { return happened_; }

  runtime::Task<void> handle(http::Exchange& exchange) override;
  http::OwnedFields render_fault(const Fault& fault, std::string& body) override;

 private:
  // What to answer, and what that is called.
  struct Lie {
    std::string name;
    world::PollAnswer answer;
  };
  Lie make_lie(const world::PollRequest& request);
  Lie replay(seal::DocumentKind kind, const world::PollRequest& request);
  Lie forge(const world::PollRequest& request);
  Lie spoil();

  runtime::Shard& shard_;
  runtime::ListenOptions listen_;
  std::map<seal::DocumentKind, std::vector<std::string>> kept_;
  std::map<std::string, std::uint64_t> happened_;
};

}  // namespace portolan::sim

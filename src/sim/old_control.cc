#include "sim/old_control.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "runtime/wait.h"

namespace portolan::sim {
namespace {

using seal::DocumentKind;

constexpr Duration answers_after = Duration::milliseconds(300);

const std::optional<world::Seen>& held_of(const world::PollRequest& request, DocumentKind kind) {
  if (kind == DocumentKind::world) return request.world;
  return kind == DocumentKind::restrictions ? request.restrictions : request.keyring;
}

// Signed by a root that nobody pinned.
seal::Signer foreign_signer() {
  seal::KeySeed seed{};
  seed.fill(77);
  const seal::SigningKey root(seed);
  seed.fill(78);
  seal::SigningKey key(seed);
  seal::Subject subject;
  subject.network = "net";
  subject.name = "control-1";
  subject.key = key.verify_key();
  subject.not_before = WallTime::from_unix_seconds(0);
  subject.not_after = WallTime::from_unix_seconds(4'000'000'000);
  return {key, seal::issue_certificate(subject, root)};
}

world::PollAnswer answer_of(world::SealedDocument document) {
  world::PollAnswer answer;
  answer.documents.push_back(std::move(document));
  return answer;
}

}  // namespace

void OldControl::keep(DocumentKind kind, std::string sealed) {
  auto& kept = kept_[kind];
  if (std::ranges::find(kept, sealed) == kept.end()) kept.push_back(std::move(sealed));
}

OldControl::Lie OldControl::replay(DocumentKind kind, const world::PollRequest& request) {
  const auto& kept = kept_[kind];
  if (kept.empty()) return {};
  const std::string& sealed = kept[shard_.random().below(kept.size())];
  const auto claim = seal::claim_of(sealed);
  const auto& held = held_of(request, kind);
  const bool is_older = claim && held && claim->version.number < held->version.number;
  return {is_older ? "document_replayed" : "", answer_of({kind, sealed})};
}

// A World that claims to be the newest there is.
OldControl::Lie OldControl::forge(const world::PollRequest& request) {
  if (!request.world) return {};
  static const seal::Signer signer = foreign_signer();
  model::Version version = request.world->version;
  version.number += 10;
  std::string sealed =
      seal::seal_document(DocumentKind::world, version, R"({"regions":[]})", signer);
  return {"document_forged", answer_of({DocumentKind::world, std::move(sealed)})};
}

// The newest genuine World, with a byte changed.
OldControl::Lie OldControl::spoil() {
  const auto& kept = kept_[DocumentKind::world];
  if (kept.empty()) return {};
  std::string sealed = kept.back();
  char& byte = sealed[shard_.random().below(sealed.size())];
  byte = static_cast<char>(byte ^ (1 << shard_.random().below(7)));
  return {"document_forged", answer_of({DocumentKind::world, std::move(sealed)})};
}

OldControl::Lie OldControl::make_lie(const world::PollRequest& request) {
  switch (shard_.random().below(6)) {
    case 0:
      return replay(DocumentKind::world, request);
    case 1:
      return replay(DocumentKind::keyring, request);
    case 2:
      return replay(DocumentKind::restrictions, request);
    case 3:
      return forge(request);
    case 4:
      return spoil();
    default:
      return {};
  }
}

runtime::Task<void> OldControl::handle(http::Exchange& exchange) {
  auto body = co_await exchange.read_body(world::poll_request_bytes_max.count());
  if (!body) co_return;
  const auto request = world::decode_poll_request(*body);
  const Status waited = co_await runtime::sleep_for(shard_, answers_after);
  if (!waited) co_return;
  Lie lie = request ? make_lie(*request) : Lie{};
  std::string answer = world::encode_poll_answer(lie.answer);
  const Status sent = co_await exchange.respond(200, {}, std::move(answer));
  if (sent && !lie.name.empty()) ++happened_[lie.name];
}

http::OwnedFields OldControl::render_fault(const Fault&, std::string&) { return {}; }

runtime::Task<Status> OldControl::run(runtime::Event& stop) {
  CO_TRY(auto listener, shard_.network().listen(listen_));
  http::Server server(shard_, *this, {});
  server.serve(std::move(listener));
  const Status stopped = co_await stop.wait();
  co_await server.close();
  co_return Status{};
}

}  // namespace portolan::sim

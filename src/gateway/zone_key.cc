#include "gateway/zone_key.h"

#include <algorithm>
#include <utility>

#include "runtime/offload.h"
#include "seal/certificate.h"
#include "wire/json_cursor.h"
#include "wire/json_value.h"

namespace portolan::gateway {
namespace {

constexpr std::size_t file_bytes_max = 64 * 1024;
constexpr std::uint64_t file_major = 1;
constexpr std::uint64_t file_minor = 0;

// When the first link of a chain ends.
WallTime end_of(const std::vector<seal::Certificate>& chain) {
  WallTime end{INT64_MAX};
  for (const auto& certificate : chain) end = std::min(end, certificate.subject.not_after);
  return end;
}

struct StoredKey {
  seal::SigningKey key;
  std::uint64_t generation = 0;
  std::vector<std::string> chain;
};

Result<StoredKey> read_key(const wire::JsonCursor& json) {
  TRY(const std::string_view seed, json.text("seed"));
  TRY(auto key, seal::SigningKey::from_hex(seed));
  StoredKey stored{std::move(key), 0, {}};
  TRY(stored.generation, json.count("generation"));
  TRY(stored.chain, json.texts("chain"));
  return stored;
}

Result<std::vector<StoredKey>> read_keys(const std::string& text) {
  TRY(const wire::Json json, wire::parse_json(text, Code::disk_failed));
  const wire::JsonCursor file(json, Code::disk_failed);
  TRY(const std::uint64_t major, file.count("major"));
  if (major != file_major) return file.fault("major: a version that is not known here");
  TRY(const auto elements, file.elements("keys"));
  std::vector<StoredKey> keys;
  for (const wire::JsonCursor& element : elements) {
    TRY(auto key, read_key(element));
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace

ZoneKey::ZoneKey(runtime::Shard& shard, const Options& options)
    : shard_(shard), options_(options), path_(options.data + "/zone-key.json") {}

ZoneKey::Held ZoneKey::make(std::uint64_t generation) {
  seal::KeySeed seed{};
  shard_.fill_secret(seed);
  return {{seal::SigningKey(seed), {}}, generation};
}

// Whatever its dates are: a gateway may start with a clock that is wrong.
Result<seal::ZoneSigner> ZoneKey::certified(const Held& held,
                                            const std::vector<std::string>& chain) const {
  seal::ZoneSigner signer{held.signer.key, {}};
  for (const std::string& text : chain) {
    TRY(auto certificate, seal::parse_certificate(text));
    signer.chain.push_back(std::move(certificate));
  }
  TRY_DO(seal::verify_issued(signer.chain, options_.root));
  const seal::Subject& zone = signer.chain.back().subject;
  if (signer.chain.size() != 2 || zone.network != options_.network ||
      zone.name != options_.zone || zone.key != signer.key.verify_key()) {
    return Fault{Code::bad_signature, Retry::never,
                 "The chain does not certify this gateway's key for zone '" + options_.zone +
                     "' of network '" + options_.network + "'."};
  }
  return signer;
}

Status ZoneKey::load() {
  const auto text = shard_.disk().read(path_, file_bytes_max);
  auto stored = text ? read_keys(*text) : Result<std::vector<StoredKey>>(text.error());
  if (stored) {
    for (StoredKey& key : *stored) {
      Held held{{std::move(key.key), {}}, key.generation};
      auto signer = certified(held, key.chain);
      if (signer) held.signer = std::move(*signer);
      keys_.push_back(std::move(held));
    }
  } else if (stored.error().code != Code::resource_not_found) {
    // Old receipts do not need it, and control certifies another.
    shard_.report(path_ + " is not readable, a new key is made: " + stored.error().message);
  }
  if (!keys_.empty()) return {};
  keys_.push_back(make(0));
  return shard_.disk().replace(path_, render(keys_), true);
}

std::string ZoneKey::render(const std::vector<Held>& keys) {
  auto list = wire::Json::array();
  for (const Held& held : keys) {
    auto chain = wire::Json::array();
    for (const auto& certificate : held.signer.chain) {
      chain.push(seal::render_certificate(certificate));
    }
    auto key = wire::Json::object();
    key.set("seed", held.signer.key.hex());
    key.set("generation", held.generation);
    key.set("chain", std::move(chain));
    list.push(std::move(key));
  }
  auto file = wire::Json::object();
  file.set("kind", "zone-key").set("major", file_major).set("minor", file_minor);
  file.set("keys", std::move(list));
  return wire::render_canonical(file);
}

world::ZoneKeySaid ZoneKey::said() const {
  const Held& newest = keys_.back();
  world::ZoneKeySaid said;
  said.key = newest.signer.key.verify_key().base64url();
  said.generation = newest.generation;
  if (newest.signer.chain.empty()) return said;
  said.issuer = newest.signer.chain.back().issuer;
  said.ends_s = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, end_of(newest.signer.chain).unix_seconds()));
  return said;
}

// On disk before it signs.
runtime::Task<Status> ZoneKey::keep(std::vector<Held> keys) {
  auto work = [disk = &shard_.disk(), path = path_, text = render(keys)] {
    return disk->replace(path, text, true);
  };
  auto offloaded = runtime::offload(shard_, std::move(work));
  CO_TRY_DO(co_await offloaded);
  keys_ = std::move(keys);
  co_return Status{};
}

runtime::Task<Status> ZoneKey::take(world::PollAnswer answer) {
  std::vector<Held> keys = keys_;
  if (answer.zone_key_generation > keys.back().generation) {
    if (keys.back().signer.chain.empty()) keys.pop_back();
    keys.push_back(make(answer.zone_key_generation));
  } else if (!answer.zone_chain.empty()) {
    Held newest = keys.back();
    CO_TRY(newest.signer, certified(newest, answer.zone_chain));
    CO_TRY_DO(seal::verify_dates(newest.signer.chain, shard_.wall_now()));
    keys.clear();
    keys.push_back(std::move(newest));
  } else {
    co_return Status{};
  }
  const Status kept = co_await keep(std::move(keys));
  co_return kept;
}

// The newest that is certified at this moment.
const ZoneKey::Held* ZoneKey::signing() const {
  const WallTime now = shard_.wall_now();
  for (auto held = keys_.rbegin(); held != keys_.rend(); ++held) {
    if (!held->signer.chain.empty() && seal::verify_dates(held->signer.chain, now)) return &*held;
  }
  return nullptr;
}

Status ZoneKey::can_sign() const {
  if (signing() != nullptr) return {};
  return Fault{Code::receipt_unavailable, Retry::elsewhere,
               "gateway " + options_.id + " has no certificate of control's to sign receipts by"};
}

Result<std::string> ZoneKey::sign(const seal::ReceiptFacts& facts) const {
  TRY_DO(can_sign());
  return seal::sign_receipt(facts, signing()->signer);
}

}  // namespace portolan::gateway

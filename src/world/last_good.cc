#include "world/last_good.h"

#include <fmt/format.h>

#include <array>

#include "base/limits.h"
#include "wire/json_value.h"
#include "world/field_reader.h"
#include "world/keyring_snapshot.h"

namespace portolan::world {
namespace {

using seal::DocumentKind;

constexpr std::array<DocumentKind, 3> kept_kinds = {DocumentKind::world, DocumentKind::keyring,
                                                    DocumentKind::restrictions};
constexpr std::array<std::string_view, 2> copies = {".1", ".2"};
constexpr std::size_t older_worlds = 2;       // beside the newest one
constexpr std::size_t seen_bytes_max = 4096;  // four versions, three hashes
constexpr std::string_view world_floor_name = "world_floor";
constexpr std::size_t document_bytes_max = limits::keyring_bytes_max.value + 64 * 1024;

// What a document says was reached: a delta stands for the Keyring it leads to,
// whose payload nobody has seen. A Keyring's snapshot has other bytes than its JSON,
// which the release before, on this disk again, is sent under the same number.
DocumentKind reached_kind(DocumentKind kind) {
  return kind == DocumentKind::keyring_delta ? DocumentKind::keyring : kind;
}

Seen seen_of(const seal::OpenedDocument& document) {
  const bool comparable =
      document.kind != DocumentKind::keyring_delta && !is_keyring_snapshot(document.payload);
  return {document.version, comparable ? document.hash : std::string()};
}

bool follows(const seal::OpenedDocument& delta, const model::Version& held) {
  return delta.version.network == held.network && delta.version.epoch == held.epoch &&
         delta.version.number == held.number + 1;
}

void read_version(FieldReader& reader, model::Version& version) {
  reader.text("network", version.network, Need::required);
  reader.whole("epoch", version.epoch);
  reader.whole("number", version.number);
}

wire::Json render_version(const model::Version& version) {
  auto json = wire::Json::object();
  json.set("network", version.network);
  json.set("epoch", version.epoch);
  json.set("number", version.number);
  return json;
}

bool newer(const seal::OpenedDocument& document, const std::optional<seal::OpenedDocument>& other) {
  return !other || model::older(other->version, document.version);
}

}  // namespace

Result<LastGood> LastGood::open(runtime::Disk& disk, std::string folder, std::size_t deltas_max) {
  TRY_DO(disk.make_folder(folder));
  return LastGood(disk, std::move(folder), deltas_max);
}

std::string LastGood::path_of(DocumentKind kind) const {
  return fmt::format("{}/{}", folder_, seal::name_of(kind));
}

std::string LastGood::delta_path(std::uint64_t number) const {
  return fmt::format("{}-{}", path_of(DocumentKind::keyring_delta), number);
}

std::string LastGood::older_world_path(std::size_t back) const {
  return fmt::format("{}-before-{}", path_of(DocumentKind::world), back);
}

std::string LastGood::path_of(const seal::OpenedDocument& document) const {
  return document.kind == DocumentKind::keyring_delta ? delta_path(document.version.number)
                                                      : path_of(document.kind);
}

std::optional<Seen> LastGood::highest(DocumentKind kind) const {
  const auto found = remembered_.seen.find(kind);
  if (found == remembered_.seen.end()) return std::nullopt;
  return found->second;
}

Result<LastGood::Remembered> LastGood::read_seen() {
  const auto bytes = disk_->read(seen_path(), seen_bytes_max);
  if (!bytes && bytes.error().code == Code::resource_not_found) return Remembered{};
  if (!bytes) return bytes.error();
  TRY(const auto json, wire::parse_json(*bytes, Code::disk_failed));
  Remembered remembered;
  for (const DocumentKind kind : kept_kinds) {
    const auto* member = json.find(seal::name_of(kind));
    if (!member) continue;
    FieldReader reader(*member, seen_path());
    Seen& each = remembered.seen[kind];
    read_version(reader, each.version);
    reader.text("hash", each.hash, Need::required);
    TRY_DO(reader.status());
  }
  if (const auto* member = json.find(world_floor_name)) {
    FieldReader reader(*member, seen_path());
    read_version(reader, remembered.world_floor.emplace());
    TRY_DO(reader.status());
  }
  return remembered;
}

Status LastGood::write_seen(const Remembered& remembered) {
  auto json = wire::Json::object();
  for (const auto& [kind, each] : remembered.seen) {
    auto member = render_version(each.version);
    member.set("hash", each.hash);
    json.set(std::string(seal::name_of(kind)), std::move(member));
  }
  if (remembered.world_floor) {
    json.set(std::string(world_floor_name), render_version(*remembered.world_floor));
  }
  return disk_->replace(seen_path(), wire::render_canonical(json));
}

std::optional<seal::OpenedDocument> LastGood::load_newest(const std::string& path,
                                                          DocumentKind kind, const Trust& trust,
                                                          std::vector<Fault>& faults) {
  std::optional<seal::OpenedDocument> newest;
  for (const std::string_view copy : copies) {
    const std::string file = path + std::string(copy);
    const auto complain = [&](Fault fault) {
      fault.message = fmt::format("{}: {}", file, fault.message);
      faults.push_back(std::move(fault));
    };
    const auto bytes = disk_->read(file, document_bytes_max);
    if (!bytes) {
      if (bytes.error().code != Code::resource_not_found) complain(bytes.error());
      continue;
    }
    auto document = seal::open_document(*bytes, kind, trust.root, trust.now);
    if (!document) {
      complain(std::move(document).error());
    } else if (newer(*document, newest)) {
      newest = std::move(*document);
    }
  }
  return newest;
}

void LastGood::load_deltas(const Trust& trust, Loaded& loaded) {
  model::Version held = loaded.keyring->version;
  for (;;) {
    auto delta =
        load_newest(delta_path(held.number + 1), DocumentKind::keyring_delta, trust, loaded.faults);
    if (!delta || !follows(*delta, held)) return;
    held = delta->version;
    loaded.keyring_deltas.push_back(std::move(*delta));
  }
}

// The newest readable World that permits no more than the highest seen, where that
// one cannot be read.
void LastGood::load_older_world(const Trust& trust, Loaded& loaded) {
  const auto floor = remembered_.world_floor;
  const auto seen = highest(DocumentKind::world);
  if (loaded.world || !floor || !seen) return;
  for (std::size_t back = 1; back <= older_worlds && !loaded.world; ++back) {
    const auto bytes = disk_->read(older_world_path(back), document_bytes_max);
    if (!bytes) continue;
    auto document = seal::open_document(*bytes, DocumentKind::world, trust.root, trust.now);
    if (!document || document->version.network != floor->network) continue;
    if (model::older(document->version, *floor)) return;
    loaded.world = std::move(*document);
    loaded.faults.push_back(
        {Code::disk_failed, Retry::never,
         fmt::format("{} holds no whole World {}.{}; World {}.{} before it permits no more, and is "
                     "served until control sends the newest one.",
                     folder_, seen->version.epoch, seen->version.number,
                     loaded.world->version.epoch, loaded.world->version.number)});
  }
}

// Drops what was loaded of that kind when something newer was seen.
void LastGood::check_age(DocumentKind kind, Loaded& loaded) {
  auto& document = kind == DocumentKind::world     ? loaded.world
                   : kind == DocumentKind::keyring ? loaded.keyring
                                                   : loaded.restrictions;
  const auto floor = highest(kind);
  if (!document) {
    if (!floor) return;
    loaded.faults.push_back(
        {Code::disk_failed, Retry::never,
         fmt::format("{} holds no whole {}, though this gateway had one; it waits for control.",
                     folder_, seal::name_of(kind))});
    return;
  }
  const bool by_delta = kind == DocumentKind::keyring && !loaded.keyring_deltas.empty();
  const Seen reached = seen_of(by_delta ? loaded.keyring_deltas.back() : *document);
  if (auto accepted = accept(floor, reached); !accepted) {
    accepted.error().message = fmt::format("{}: {}", path_of(kind), accepted.error().message);
    loaded.faults.push_back(std::move(accepted).error());
    document.reset();
    if (kind == DocumentKind::keyring) loaded.keyring_deltas.clear();
    return;
  }
  const bool unknown = !floor || floor->version != reached.version;
  if (kind == DocumentKind::world && unknown) remembered_.world_floor = reached.version;
  remembered_.seen.insert_or_assign(kind, reached);
}

LastGood::Loaded LastGood::load(const seal::VerifyKey& root, WallTime now) {
  const Trust trust{root, now};
  Loaded loaded;
  loaded_ = true;
  // With what was seen unreadable, the documents themselves say what was seen.
  if (auto seen = read_seen()) {
    remembered_ = std::move(*seen);
  } else {
    loaded.faults.push_back(std::move(seen).error());
  }
  const auto load_kind = [&](DocumentKind kind) {
    return load_newest(path_of(kind), kind, trust, loaded.faults);
  };
  loaded.world = load_kind(DocumentKind::world);
  loaded.keyring = load_kind(DocumentKind::keyring);
  loaded.restrictions = load_kind(DocumentKind::restrictions);
  if (loaded.keyring) load_deltas(trust, loaded);
  deltas_kept_ = loaded.keyring_deltas.size();
  for (const DocumentKind kind : kept_kinds) check_age(kind, loaded);
  load_older_world(trust, loaded);
  return loaded;
}

Status LastGood::remove_deltas() {
  TRY(const auto names, disk_->list(folder_));
  const auto prefix = std::string(seal::name_of(DocumentKind::keyring_delta)) + '-';
  for (const std::string& name : names) {
    if (name.starts_with(prefix)) TRY_DO(disk_->remove(folder_ + '/' + name));
  }
  return {};
}

// A delta with a gap before it could not be loaded again.
Status LastGood::accept_delta(const seal::OpenedDocument& delta) const {
  if (deltas_kept_ >= deltas_max_) {
    return Fault{Code::limit_exceeded, Retry::never,
                 fmt::format("{} deltas are kept behind the Keyring on disk, and {} is {}; a "
                             "snapshot comes next.",
                             deltas_kept_, keyring_deltas_kept_max.name, deltas_max_)};
  }
  const auto held = highest(DocumentKind::keyring);
  if (held && (follows(delta, held->version) || delta.version == held->version)) return {};
  return Fault{
      Code::stale_version, Retry::never,
      fmt::format("The delta to {}.{} does not follow the Keyring on disk; a snapshot must "
                  "come first.",
                  delta.version.epoch, delta.version.number)};
}

// Before the newest files are replaced. What is there twice is not kept again.
Status LastGood::keep_older_world(const seal::OpenedDocument& next) {
  for (const std::string_view copy : copies) {
    const auto bytes =
        disk_->read(path_of(DocumentKind::world) + std::string(copy), document_bytes_max);
    const auto claim = bytes ? seal::claim_of(*bytes) : std::nullopt;
    if (!claim || claim->version == next.version) continue;
    const auto kept = disk_->read(older_world_path(1), document_bytes_max);
    if (kept && *kept == *bytes) return {};
    for (std::size_t back = older_worlds; back > 1; --back) {
      const auto older = disk_->read(older_world_path(back - 1), document_bytes_max);
      if (older) TRY_DO(disk_->replace(older_world_path(back), *older));
    }
    return disk_->replace(older_world_path(1), *bytes);
  }
  return {};
}

Status LastGood::save(const seal::OpenedDocument& document, std::string_view sealed,
                      Before before) {
  check(loaded_, "what was seen is read before anything is saved");
  const DocumentKind kind = reached_kind(document.kind);
  TRY_DO(accept(highest(kind), seen_of(document)));
  if (document.kind == DocumentKind::keyring_delta) TRY_DO(accept_delta(document));
  auto next = remembered_;
  if (kind == DocumentKind::world) {
    TRY_DO(keep_older_world(document));
    const auto held = highest(kind);
    const bool same = held && held->version == document.version;
    const bool keeps_floor = same || before == Before::permits_no_more;
    if (!keeps_floor || !next.world_floor) next.world_floor = document.version;
  }
  const std::string path = path_of(document);
  TRY_DO(disk_->replace(path + std::string(copies[0]), sealed));
  next.seen.insert_or_assign(kind, seen_of(document));
  TRY_DO(write_seen(next));
  remembered_ = std::move(next);
  TRY_DO(disk_->replace(path + std::string(copies[1]), sealed));
  if (document.kind == DocumentKind::keyring_delta) ++deltas_kept_;
  if (document.kind != DocumentKind::keyring) return {};
  // Deltas of an older snapshot lead nowhere from here.
  deltas_kept_ = 0;
  return remove_deltas();
}

}  // namespace portolan::world

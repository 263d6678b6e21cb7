#include "world/last_good.h"

#include <fmt/format.h>

#include <array>

#include "base/limits.h"
#include "wire/json_value.h"
#include "world/field_reader.h"

namespace portolan::world {
namespace {

using seal::DocumentKind;

constexpr std::array<DocumentKind, 3> kept_kinds = {DocumentKind::world, DocumentKind::keyring,
                                                    DocumentKind::restrictions};
constexpr std::array<int, 2> copies = {1, 2};
constexpr std::size_t seen_bytes_max = 4096;  // three versions and hashes
constexpr std::size_t document_bytes_max = limits::keyring_bytes_max.value + 64 * 1024;

Seen seen_of(const seal::OpenedDocument& document) { return {document.version, document.hash}; }

bool newer(const seal::OpenedDocument& document, const std::optional<seal::OpenedDocument>& other) {
  return !other || model::older(other->version, document.version);
}

}  // namespace

Result<LastGood> LastGood::open(runtime::Disk& disk, std::string folder) {
  TRY_DO(disk.make_folder(folder));
  return LastGood(disk, std::move(folder));
}

std::string LastGood::path_of(DocumentKind kind, int copy) const {
  return fmt::format("{}/{}.{}", folder_, seal::name_of(kind), copy);
}

std::optional<Seen> LastGood::highest(DocumentKind kind) const {
  const auto found = seen_.find(kind);
  if (found == seen_.end()) return std::nullopt;
  return found->second;
}

Result<LastGood::SeenByKind> LastGood::read_seen() {
  const auto bytes = disk_->read(seen_path(), seen_bytes_max);
  if (!bytes && bytes.error().code == Code::resource_not_found) return SeenByKind{};
  if (!bytes) return bytes.error();
  TRY(const auto json, wire::parse_json(*bytes, Code::disk_failed));
  SeenByKind seen;
  for (const DocumentKind kind : kept_kinds) {
    const auto* member = json.find(seal::name_of(kind));
    if (!member) continue;
    FieldReader reader(*member, seen_path());
    Seen& each = seen[kind];
    reader.text("network", each.version.network, Need::required);
    reader.whole("epoch", each.version.epoch);
    reader.whole("number", each.version.number);
    reader.text("hash", each.hash, Need::required);
    TRY_DO(reader.status());
  }
  return seen;
}

Status LastGood::write_seen(const SeenByKind& seen) {
  auto json = wire::Json::object();
  for (const auto& [kind, each] : seen) {
    auto member = wire::Json::object();
    member.set("network", each.version.network);
    member.set("epoch", each.version.epoch);
    member.set("number", each.version.number);
    member.set("hash", each.hash);
    json.set(std::string(seal::name_of(kind)), std::move(member));
  }
  return disk_->replace(seen_path(), wire::render_canonical(json));
}

std::optional<seal::OpenedDocument> LastGood::load_newest(DocumentKind kind,
                                                          const seal::VerifyKey& root, WallTime now,
                                                          std::vector<Fault>& faults) {
  std::optional<seal::OpenedDocument> newest;
  const auto complain = [&](int copy, Fault fault) {
    fault.message = fmt::format("{}: {}", path_of(kind, copy), fault.message);
    faults.push_back(std::move(fault));
  };
  for (const int copy : copies) {
    const auto bytes = disk_->read(path_of(kind, copy), document_bytes_max);
    if (!bytes) {
      if (bytes.error().code != Code::resource_not_found) complain(copy, bytes.error());
      continue;
    }
    auto document = seal::open_document(*bytes, kind, root, now);
    if (!document) {
      complain(copy, std::move(document).error());
    } else if (newer(*document, newest)) {
      newest = std::move(*document);
    }
  }
  return newest;
}

LastGood::Loaded LastGood::load(const seal::VerifyKey& root, WallTime now) {
  Loaded loaded;
  loaded_ = true;
  // With what was seen unreadable, the documents themselves say what was seen.
  if (auto seen = read_seen()) {
    seen_ = std::move(*seen);
  } else {
    loaded.faults.push_back(std::move(seen).error());
  }
  for (const DocumentKind kind : kept_kinds) {
    auto document = load_newest(kind, root, now, loaded.faults);
    const auto floor = highest(kind);
    if (!document) {
      if (!floor) continue;
      loaded.faults.push_back(
          {Code::disk_failed, Retry::never,
           fmt::format("{} holds no whole {}, though this gateway had one; it waits for control.",
                       folder_, seal::name_of(kind))});
      continue;
    }
    if (auto accepted = accept(floor, seen_of(*document)); !accepted) {
      loaded.faults.push_back(std::move(accepted).error());
      continue;
    }
    seen_.insert_or_assign(kind, seen_of(*document));
    auto& place = kind == DocumentKind::world     ? loaded.world
                  : kind == DocumentKind::keyring ? loaded.keyring
                                                  : loaded.restrictions;
    place = std::move(document);
  }
  return loaded;
}

Status LastGood::save(const seal::OpenedDocument& document, std::string_view sealed) {
  check(loaded_, "what was seen is read before anything is saved");
  check(document.kind != DocumentKind::keyring_delta, "deltas are not kept");
  const Seen incoming = seen_of(document);
  TRY_DO(accept(highest(document.kind), incoming));
  TRY_DO(disk_->replace(path_of(document.kind, 1), sealed));
  auto seen = seen_;
  seen.insert_or_assign(document.kind, incoming);
  TRY_DO(write_seen(seen));
  seen_ = std::move(seen);
  return disk_->replace(path_of(document.kind, 2), sealed);
}

}  // namespace portolan::world

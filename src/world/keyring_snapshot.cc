#include "world/keyring_snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "model/name.h"
#include "model/name_map.h"
#include "wire/json_value.h"
#include "world/codec.h"
#include "world/field_reader.h"
#include "world/field_writer.h"
#include "world/snapshot_bytes.h"

namespace portolan::world {
namespace {

constexpr std::string_view title = "portolan-keyring ";
constexpr std::uint64_t format_major = 1;
constexpr std::string_view version = "1.0";

enum Flag : unsigned char { revoked = 1, has_created = 2, has_expires = 4, in_nanoseconds = 8 };
constexpr unsigned char flags_known = revoked | has_created | has_expires | in_nanoseconds;

// An id of one byte, a digest, two varints and the flags.
constexpr std::size_t record_bytes_min = 1 + 1 + sizeof(model::KeyDigest) + 1 + 1 + 1;

constexpr std::size_t id_bytes_max = 255;
constexpr std::int64_t second_ns = 1'000'000'000;

struct ScopeNames {
  std::vector<std::string> names;
};

struct Tables {
  std::uint64_t keys = 0;
  std::vector<ScopeNames> scopes;
};

Fault malformed(std::string_view why) {
  return Fault{Code::malformed_peer, Retry::never, fmt::format("The keyring snapshot {}.", why)};
}

// The memory that the names of keys take beyond the bytes of a payload, where each stands
// once however many keys have it.
class NamesTaken {
 public:
  // A key's. Errors: limit_exceeded.
  Status add(std::string_view workspace, std::span<const std::string> scopes) {
    bytes_ += workspace.size();
    for (const std::string& scope : scopes) bytes_ += sizeof(scope) + scope.size();
    const Limit& most = keyring_names_bytes_max;
    if (bytes_ <= most.value) return {};
    return Fault{Code::limit_exceeded, Retry::never,
                 fmt::format("The workspaces and scopes of its keys have more than {} bytes, which "
                             "is {}; bind fewer keys to scopes, or to fewer.",
                             most.value, most.name)};
  }

 private:
  std::uint64_t bytes_ = 0;
};

bool whole_seconds(WallTime time) { return time.ns % second_ns == 0; }

}  // namespace

// Found by argument-dependent lookup, so outside of the unnamed namespace.
template <class Fields>
static void describe(Fields& fields, ScopeNames& scopes) {
  fields.texts("names", scopes.names, Need::required);
}

namespace {

// Writes the keys, and gathers the scopes that they are bound to.
class RecordWriter {
 public:
  explicit RecordWriter(const std::vector<model::Workspace>& workspaces) {
    for (const model::Workspace& workspace : workspaces) {
      workspaces_.emplace(workspace.name, workspaces_.size());
    }
  }

  Status add(const model::KeyRecord& key) {
    const auto workspace = workspaces_.find(key.workspace);
    if (workspace == workspaces_.end() || key.id.size() > id_bytes_max) {
      return model::invalid_resource(
          fmt::format("Key '{}' is of no workspace of the Keyring, or its id is above {} bytes.",
                      key.id, id_bytes_max));
    }
    TRY_DO(names_.add(key.workspace, key.scopes));
    bytes_.push_back(static_cast<char>(key.id.size()));
    bytes_.append(key.id);
    bytes_.append(reinterpret_cast<const char*>(key.digest.data()), key.digest.size());
    put_varint(bytes_, workspace->second);
    put_varint(bytes_, key.scopes.empty() ? 0 : 1 + position_of(key.scopes));
    put_dates(key);
    return {};
  }

  void reserve(std::size_t keys) { bytes_.reserve(keys * (record_bytes_min + 24)); }
  const std::string& bytes() const { return bytes_; }
  std::vector<ScopeNames> scopes() const {
    std::vector<ScopeNames> list(scopes_.size());
    for (const auto& [names, position] : scopes_) list[position].names = names;
    return list;
  }

 private:
  std::size_t position_of(const std::vector<std::string>& scopes) {
    return scopes_.emplace(scopes, scopes_.size()).first->second;
  }

  void put_dates(const model::KeyRecord& key) {
    const model::KeyRecord none;
    unsigned char flags = 0;
    if (key.revoked) flags |= Flag::revoked;
    if (key.created != none.created) flags |= Flag::has_created;
    if (key.expires != none.expires) flags |= Flag::has_expires;
    const bool seconds = (whole_seconds(key.created) || (flags & Flag::has_created) == 0) &&
                         (whole_seconds(key.expires) || (flags & Flag::has_expires) == 0);
    if (!seconds) flags |= Flag::in_nanoseconds;
    const std::int64_t unit = seconds ? second_ns : 1;
    bytes_.push_back(static_cast<char>(flags));
    if ((flags & Flag::has_created) != 0) put_varint(bytes_, zigzag(key.created.ns / unit));
    if ((flags & Flag::has_expires) != 0) put_varint(bytes_, zigzag(key.expires.ns / unit));
  }

  model::NameMap<std::size_t> workspaces_;
  std::map<std::vector<std::string>, std::size_t> scopes_;
  NamesTaken names_;
  std::string bytes_;
};

// Reads the keys behind the tables, which it is given.
class RecordReader {
 public:
  RecordReader(std::string_view bytes, const std::vector<model::Workspace>& workspaces,
               const std::vector<ScopeNames>& scopes)
      : bytes_(bytes), workspaces_(workspaces), scopes_(scopes) {}

  Result<model::KeyRecord> next() {
    model::KeyRecord key;
    TRY(const auto length, bytes_.byte());
    TRY(const auto id, bytes_.take(length));
    key.id = id;
    TRY(const auto digest, bytes_.take(key.digest.size()));
    std::ranges::transform(digest, key.digest.begin(),
                           [](char c) { return static_cast<unsigned char>(c); });
    TRY(const auto workspace, bytes_.varint());
    if (workspace >= workspaces_.size()) return malformed("names a workspace that it has not");
    TRY(const auto position, bytes_.varint());
    if (position > scopes_.size()) return malformed("names scopes that it has not");
    const auto scopes =
        position == 0 ? std::span<const std::string>() : std::span(scopes_[position - 1].names);
    TRY_DO(names_.add(workspaces_[workspace].name, scopes));
    key.workspace = workspaces_[workspace].name;
    key.scopes.assign(scopes.begin(), scopes.end());
    TRY_DO(read_dates(key));
    return key;
  }

  bool at_end() const { return bytes_.empty(); }

 private:
  Status read_dates(model::KeyRecord& key) {
    TRY(const auto flags, bytes_.byte());
    if ((flags & ~flags_known) != 0) return malformed("has a flag that is not known");
    key.revoked = (flags & Flag::revoked) != 0;
    const std::int64_t unit = (flags & Flag::in_nanoseconds) != 0 ? 1 : second_ns;
    if ((flags & Flag::has_created) != 0) {
      TRY(key.created, read_date(unit));
    }
    if ((flags & Flag::has_expires) != 0) {
      TRY(key.expires, read_date(unit));
    }
    return {};
  }

  Result<WallTime> read_date(std::int64_t unit) {
    TRY(const auto coded, bytes_.varint());
    const std::int64_t value = unzigzag(coded);
    if (value > INT64_MAX / unit || value < INT64_MIN / unit) return malformed("has no such date");
    return WallTime{value * unit};
  }

  SnapshotBytes bytes_;
  const std::vector<model::Workspace>& workspaces_;
  const std::vector<ScopeNames>& scopes_;
  NamesTaken names_;
};

std::string render_tables(std::size_t keys, std::vector<ScopeNames> scopes) {
  FieldWriter writer;
  writer.whole("keys", keys);
  writer.list("scopes", scopes);
  return wire::render_canonical(writer.take());
}

Result<Tables> read_tables(std::string_view line) {
  TRY(const auto json, wire::parse_json(line, Code::malformed_peer));
  FieldReader reader(json, "keyring snapshot");
  Tables tables;
  reader.whole("keys", tables.keys);
  reader.list("scopes", tables.scopes);
  TRY_DO(reader.status());
  return tables;
}

// Takes the next line off `bytes`, without its line feed.
Result<std::string_view> take_line(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  if (end == bytes.npos) return malformed("is truncated");
  const auto line = bytes.substr(0, end);
  bytes.remove_prefix(end + 1);
  return line;
}

// A newer minor may add to the tables what may be skipped, and nothing to the records.
Status check_title(std::string_view line) {
  std::uint64_t major = 0;
  if (line.starts_with(title)) line.remove_prefix(title.size());
  const auto parsed = std::from_chars(line.data(), line.data() + line.size(), major);
  if (parsed.ec != std::errc{}) return malformed("says no version");
  if (major == format_major) return {};
  return Fault{Code::unsupported_version, Retry::never,
               fmt::format("The keyring snapshot has format version {}; this program reads {}.",
                           major, format_major)};
}

Result<std::vector<model::KeyRecord>> read_records(std::string_view bytes, const Tables& tables,
                                                   const std::vector<model::Workspace>& named) {
  if (tables.keys > bytes.size() / record_bytes_min) return malformed("is truncated");
  std::vector<model::KeyRecord> keys;
  keys.reserve(static_cast<std::size_t>(tables.keys));
  RecordReader reader(bytes, named, tables.scopes);
  for (std::uint64_t i = 0; i < tables.keys; ++i) {
    TRY(auto key, reader.next());
    if (!keys.empty() && key.id <= keys.back().id) return malformed("has ids that do not ascend");
    keys.push_back(std::move(key));
  }
  if (!reader.at_end()) return malformed("has bytes behind its keys");
  return keys;
}

}  // namespace

Result<std::string> encode_keyring_snapshot(const model::Keyring::Content& content) {
  std::vector<const model::KeyRecord*> sorted;
  sorted.reserve(content.keys.size());
  for (const model::KeyRecord& key : content.keys) sorted.push_back(&key);
  if (!std::ranges::is_sorted(sorted, {}, &model::KeyRecord::id)) {
    std::ranges::sort(sorted, {}, &model::KeyRecord::id);
  }
  RecordWriter writer(content.workspaces);
  writer.reserve(sorted.size());
  for (const model::KeyRecord* key : sorted) TRY_DO(writer.add(*key));
  std::string payload = fmt::format(
      "{}{}\n{}\n{}\n", title, version,
      encode_keyring({.orgs = content.orgs, .workspaces = content.workspaces, .keys = {}}),
      render_tables(sorted.size(), writer.scopes()));
  payload.reserve(payload.size() + writer.bytes().size());
  payload += writer.bytes();
  return payload;
}

Result<model::Keyring::Content> decode_keyring_snapshot(std::string_view payload) {
  if (payload.size() > limits::keyring_bytes_max.count()) {
    return Fault{Code::limit_exceeded, Retry::never,
                 fmt::format("The keyring snapshot has {} bytes; {} is {}.", payload.size(),
                             limits::keyring_bytes_max.name, limits::keyring_bytes_max.value)};
  }
  TRY(const auto first, take_line(payload));
  TRY_DO(check_title(first));
  TRY(const auto directory, take_line(payload));
  TRY(auto content, decode_keyring(directory));
  if (!content.keys.empty()) return malformed("has keys in its second line");
  TRY(const auto third, take_line(payload));
  TRY(const auto tables, read_tables(third));
  TRY(content.keys, read_records(payload, tables, content.workspaces));
  return content;
}

bool is_keyring_snapshot(std::string_view payload) { return payload.starts_with(title); }

Result<model::Keyring::Content> decode_any_keyring(std::string_view payload) {
  return is_keyring_snapshot(payload) ? decode_keyring_snapshot(payload) : decode_keyring(payload);
}

}  // namespace portolan::world

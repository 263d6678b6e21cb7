#include "control/backup_file.h"

#include <fmt/format.h>

#include "control/state_codec.h"
#include "seal/statement.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

constexpr std::string_view manifest_kind = "backup";
constexpr std::string_view end_kind = "backup-end";
constexpr std::size_t line_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t step_bytes = 1024 * 1024;

Fault not_whole(std::string sentence) {
  return Fault{Code::invalid_resource, Retry::never, std::move(sentence)};
}

// The lines of a file, one after another, each with its line feed.
class FileLines {
 public:
  FileLines(runtime::Disk& disk, const std::string& file) : disk_(disk), file_(file) {}

  // Empty at the end of the file.
  Result<std::string> next() {
    for (;;) {
      if (const auto end = have_.find('\n', at_); end != have_.npos) {
        auto line = have_.substr(at_, end + 1 - at_);
        at_ = end + 1;
        return line;
      }
      have_.erase(0, at_);
      at_ = 0;
      if (have_.size() > line_bytes_max)
        return not_whole("A line of it is longer than any of ours.");
      TRY(const auto more, disk_.read_range(file_, offset_, step_bytes));
      if (more.empty()) return std::exchange(have_, {});
      offset_ += more.size();
      have_ += more;
    }
  }

 private:
  runtime::Disk& disk_;
  const std::string& file_;
  std::string have_;
  std::size_t at_ = 0;
  std::size_t offset_ = 0;
};

Result<wire::Json> parse_line(std::string_view line) {
  if (!line.ends_with('\n')) {
    return not_whole(line.empty() ? "It is cut: its last line is missing."
                                  : "It is cut within a line.");
  }
  line.remove_suffix(1);
  return seal::parse_canonical(line);
}

bool is_end(const wire::Json& json) {
  const auto* kind = json.find("kind");
  return kind != nullptr && kind->as_string() != nullptr && *kind->as_string() == end_kind;
}

// Reads lines into a Backup, and remembers what has to agree at the end.
class Reading {
 public:
  Status begin(std::string_view line) {
    TRY(const auto json, parse_line(line));
    TRY(backup_.manifest, read_manifest(json));
    lines_.add(json);
    return {};
  }

  Result<BackupItem> add(const wire::Json& json) {
    TRY(auto item, read_item(json));
    if (item.key <= last_key_) return not_whole(fmt::format("'{}' is out of order.", item.key));
    last_key_ = item.key;
    lines_.add(json);
    ++backup_.keys;
    if (item.key.starts_with(audit_prefix)) {
      TRY_DO(audit_.add(item.value));
    } else {
      stored_.items.push_back({.key = item.key, .value = item.value});
    }
    return item;
  }

  Result<Backup> end(std::string_view line) {
    if (line != lines_.end()) {
      return not_whole("Its checksum is not that of its lines: something in it was changed.");
    }
    TRY(backup_.state, read_state(stored_));
    const auto& manifest = backup_.manifest;
    if (backup_.state.numbers != manifest.numbers || audit_.head() != manifest.audit) {
      return not_whole("What it holds is not what its first line says.");
    }
    return std::move(backup_);
  }

 private:
  Backup backup_;
  BackupLines lines_;
  store::Range stored_;
  seal::ChainCheck audit_;
  std::string last_key_;
};

Result<Backup> read_lines(FileLines& lines, std::uint64_t& number,
                          const std::function<Status(const BackupItem&)>& take) {
  Reading reading;
  TRY(const auto first, lines.next());
  TRY_DO(reading.begin(first));
  for (;;) {
    ++number;
    TRY(const auto line, lines.next());
    TRY(const auto json, parse_line(line));
    if (is_end(json)) {
      TRY(auto backup, reading.end(line));
      TRY(const auto behind, lines.next());
      if (!behind.empty()) return not_whole("Something stands behind its last line.");
      return backup;
    }
    TRY(const auto item, reading.add(json));
    TRY_DO(take(item));
  }
}

}  // namespace

wire::Json manifest_json(const BackupManifest& manifest) {
  auto json = seal::make_statement(manifest_kind);
  json.set("network", manifest.numbers.network);
  json.set("epoch", manifest.numbers.epoch);
  json.set("world", manifest.numbers.world);
  json.set("world_hash", manifest.numbers.world_hash);
  json.set("keyring", manifest.numbers.keyring);
  json.set("restrictions", manifest.numbers.restrictions);
  json.set("revision", manifest.revision);
  json.set("time", world::render_date(manifest.time));
  json.set("audit", seal::render_chain_head(manifest.audit));
  return json;
}

Result<BackupManifest> read_manifest(const wire::Json& json) {
  TRY_DO(seal::check_statement(json, manifest_kind));
  BackupManifest manifest;
  TRY(manifest.numbers.network, seal::read_text(json, "network"));
  TRY(manifest.numbers.epoch, seal::read_whole(json, "epoch"));
  TRY(manifest.numbers.world, seal::read_whole(json, "world"));
  TRY(manifest.numbers.world_hash, seal::read_text(json, "world_hash"));
  TRY(manifest.numbers.keyring, seal::read_whole(json, "keyring"));
  TRY(manifest.numbers.restrictions, seal::read_whole(json, "restrictions"));
  TRY(manifest.revision, seal::read_whole(json, "revision"));
  TRY(const auto time, seal::read_text(json, "time"));
  const auto read = world::parse_date(time);
  if (!read) return Fault{Code::malformed_peer, Retry::never, "The member 'time' is no date."};
  manifest.time = *read;
  TRY(const auto audit, seal::read_text(json, "audit"));
  TRY(manifest.audit, seal::parse_chain_head(audit));
  return manifest;
}

wire::Json item_json(const BackupItem& item) {
  auto json = wire::Json::object();
  json.set("key", item.key);
  json.set("value", item.value);
  return json;
}

Result<BackupItem> read_item(const wire::Json& json) {
  BackupItem item;
  TRY(item.key, seal::read_text(json, "key"));
  TRY(item.value, seal::read_text(json, "value"));
  return item;
}

std::string BackupLines::add(const wire::Json& line) {
  auto text = wire::render_canonical(line) + "\n";
  digest_.add(text);
  ++lines_;
  return text;
}

std::string BackupLines::end() const {
  auto json = seal::make_statement(end_kind);
  json.set("lines", lines_);
  json.set("sha256", digest_.hex());
  return wire::render_canonical(json) + "\n";
}

Result<Backup> read_backup(runtime::Disk& disk, const std::string& file,
                           const std::function<Status(const BackupItem&)>& take) {
  FileLines lines(disk, file);
  std::uint64_t number = 1;
  auto backup = read_lines(lines, number, take);
  if (backup) return backup;
  auto fault = std::move(backup).error();
  if (fault.code == Code::malformed_peer || fault.code == Code::invalid_resource) {
    return not_whole(fmt::format("{} is no whole backup (line {}): {} Take another one.", file,
                                 number, fault.message));
  }
  return fault;
}

}  // namespace portolan::control

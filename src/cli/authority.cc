#include "cli/authority.h"

#include <map>

#include "cli/control_key.h"
#include "seal/ed25519.h"
#include "seal/tls_authority.h"
#include "wire/json_value.h"

namespace portolan::cli {
namespace {

constexpr std::size_t file_bytes_max = 4 * 1024 * 1024;
constexpr Duration day = Duration::hours(24);
constexpr Duration authority_life = day * 3650;
constexpr Duration leaf_life = day * 365;
constexpr Duration renewed_before = day * 30;
constexpr Duration clock_step = Duration::hours(1);  // certificates are valid that much before now

// What a file was made for, and until when it is valid.
struct Issued {
  std::string subject;
  WallTime not_after;
};

// Everything under one folder, while it is being brought up to date.
class Authority {
 public:
  Authority(runtime::Shard& shard, const AuthorityFiles& files, const std::string& network)
      : shard_(shard), files_(files), network_(network), now_(shard.wall_now()) {}

  Status read_dates();
  Status write_dates();
  Status prepare_root();
  Status prepare_control(bool anew);
  Status prepare_tls_authority();
  Status prepare_leaf(const TlsLeaf& leaf);

 private:
  bool exists(const std::string& path) {
    return shard_.disk().read(path, file_bytes_max).has_value();
  }
  bool is_good(const std::string& file, const std::string& subject) const {
    const auto found = issued_.find(file);
    return found != issued_.end() && found->second.subject == subject &&
           found->second.not_after > now_ + renewed_before;
  }
  seal::Validity validity(Duration life) const { return {now_ - clock_step, now_ + life}; }
  seal::SigningKey make_key() {
    seal::KeySeed seed{};
    shard_.fill_secret(seed);
    return seal::SigningKey(seed);
  }
  Result<std::string> read_line(const std::string& path);
  Status write(const std::string& path, const std::string& text, bool secret) {
    return shard_.disk().replace(path, text, secret);
  }

  runtime::Shard& shard_;
  const AuthorityFiles& files_;
  const std::string& network_;
  WallTime now_;
  std::map<std::string, Issued>
      issued_;  // by what it is: "control", "tls-authority", a leaf's name
};

Result<std::string> Authority::read_line(const std::string& path) {
  TRY(std::string text, shard_.disk().read(path, file_bytes_max));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// Dates that cannot be read only mean that everything is issued again.
Status Authority::read_dates() {
  const auto text = shard_.disk().read(files_.dates(), file_bytes_max);
  if (!text) return {};
  const auto json = wire::parse_json(*text, Code::bad_configuration);
  if (!json || json->as_object() == nullptr) return {};
  for (const auto& [name, value] : *json->as_object()) {
    const wire::Json* subject = value.find("subject");
    const wire::Json* not_after = value.find("not_after");
    if (subject == nullptr || not_after == nullptr || subject->as_string() == nullptr) continue;
    issued_[name] = {*subject->as_string(),
                     WallTime::from_unix_seconds(not_after->as_int64().value_or(0))};
  }
  return {};
}

Status Authority::write_dates() {
  wire::Json json = wire::Json::object();
  for (const auto& [name, issued] : issued_) {
    wire::Json entry = wire::Json::object();
    entry.set("subject", issued.subject).set("not_after", issued.not_after.unix_seconds());
    json.set(name, std::move(entry));
  }
  const std::string text = render_pretty(json) + "\n";
  const auto before = shard_.disk().read(files_.dates(), file_bytes_max);
  if (before && *before == text) return {};
  return write(files_.dates(), text, false);
}

Status Authority::prepare_root() {
  if (exists(files_.root_key()) && exists(files_.root())) return {};
  const seal::SigningKey root = make_key();
  TRY_DO(write(files_.root_key(), root.hex() + "\n", true));
  issued_.erase("control");
  return write(files_.root(), root.verify_key().hex() + "\n", false);
}

Status Authority::prepare_control(bool anew) {
  if (!anew && exists(files_.control_key()) && exists(files_.control_certificate()) &&
      is_good("control", network_)) {
    return {};
  }
  TRY(const std::string root_text, read_line(files_.root_key()));
  const seal::SigningKey key = make_key();
  TRY(const std::string certificate, certify_control(root_text,
                                                     {.network = network_,
                                                      .control = "control",
                                                      .public_key = key.verify_key().hex(),
                                                      .life = leaf_life},
                                                     now_));
  TRY_DO(write(files_.control_key(), key.pem(), true));
  TRY_DO(write(files_.control_certificate(), certificate + "\n", false));
  issued_["control"] = {network_, now_ + leaf_life};
  return {};
}

Status Authority::prepare_tls_authority() {
  if (exists(files_.tls_authority()) && exists(files_.tls_authority_key()) &&
      is_good("tls-authority", network_)) {
    return {};
  }
  const seal::Validity dates = validity(authority_life);
  TRY(const seal::TlsCredential made, seal::make_tls_authority(network_, dates));
  TRY_DO(write(files_.tls_authority_key(), made.key, true));
  TRY_DO(write(files_.tls_authority(), made.certificate, false));
  // Leaves of another authority are worth nothing.
  std::erase_if(issued_, [](const auto& entry) { return entry.first.starts_with("tls/"); });
  issued_["tls-authority"] = {network_, dates.not_after};
  return {};
}

Status Authority::prepare_leaf(const TlsLeaf& leaf) {
  const std::string entry = "tls/" + leaf.name;
  const std::string subject = render_identity(leaf.identity);
  if (is_good(entry, subject) && exists(files_.tls_certificate(leaf.name)) &&
      exists(files_.tls_key(leaf.name))) {
    return {};
  }
  seal::TlsCredential authority;
  TRY(authority.certificate, shard_.disk().read(files_.tls_authority(), file_bytes_max));
  TRY(authority.key, shard_.disk().read(files_.tls_authority_key(), file_bytes_max));
  const seal::Validity dates = validity(leaf_life);
  TRY(const seal::TlsCredential made, seal::issue_tls_leaf(authority, leaf.identity, dates));
  TRY_DO(write(files_.tls_key(leaf.name), made.key, true));
  TRY_DO(write(files_.tls_certificate(leaf.name), made.certificate, false));
  issued_[entry] = {subject, dates.not_after};
  return {};
}

}  // namespace

Status prepare_authority(runtime::Shard& shard, const AuthorityFiles& files,
                         const std::string& network, const std::vector<TlsLeaf>& leaves,
                         bool rotate_control_key) {
  TRY_DO(shard.disk().make_folder(files.tls()));
  Authority authority(shard, files, network);
  TRY_DO(authority.read_dates());
  TRY_DO(authority.prepare_root());
  TRY_DO(authority.prepare_control(rotate_control_key));
  TRY_DO(authority.prepare_tls_authority());
  for (const TlsLeaf& leaf : leaves) TRY_DO(authority.prepare_leaf(leaf));
  return authority.write_dates();
}

}  // namespace portolan::cli

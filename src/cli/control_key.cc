#include "cli/control_key.h"

#include <fmt/format.h>

#include "seal/certificate.h"
#include "seal/ed25519.h"
#include "seal/identity.h"

namespace portolan::cli {
namespace {

constexpr std::size_t file_bytes_max = 64 * 1024;
constexpr Duration clock_step = Duration::hours(1);

WallTime whole_seconds(WallTime time) { return WallTime::from_unix_seconds(time.unix_seconds()); }

Status check_names(const ControlKey& key) {
  for (const std::string& name : {key.network, key.control}) {
    if (seal::valid_name(name)) continue;
    return Fault{Code::bad_configuration, Retry::never,
                 fmt::format("'{}' is no name: lower-case letters, digits, '-' and '.'", name)};
  }
  return {};
}

}  // namespace

Result<std::string> certify_control(const std::string& root_key, const ControlKey& key,
                                    WallTime now) {
  TRY_DO(check_names(key));
  TRY(const auto root, seal::SigningKey::from_hex(root_key));
  TRY(const auto public_key, seal::VerifyKey::from_hex(key.public_key));
  const auto certificate = seal::issue_certificate({.network = key.network,
                                                    .role = seal::Role::control,
                                                    .name = key.control,
                                                    .key = public_key,
                                                    .not_before = whole_seconds(now - clock_step),
                                                    .not_after = whole_seconds(now + key.life)},
                                                   root);
  return seal::render_certificate(certificate);
}

Result<std::string> settle_control_key(runtime::Shard& shard, const std::string& file) {
  const auto text = shard.disk().read(file, file_bytes_max);
  if (text) {
    TRY(const auto key, seal::SigningKey::from_pem(*text));
    return key.verify_key().hex();
  }
  if (text.error().code != Code::resource_not_found) return text.error();
  seal::KeySeed seed{};
  shard.fill_secret(seed);
  const seal::SigningKey made(seed);
  TRY_DO(shard.disk().replace(file, made.pem(), true));
  return made.verify_key().hex();
}

}  // namespace portolan::cli

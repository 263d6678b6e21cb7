#include "app/store_places.h"

#include <filesystem>
#include <system_error>

#include "app/small_file.h"
#include "store/etcd_place.h"

namespace portolan::app {
namespace {

constexpr std::string_view in_file = "sqlite:";

}  // namespace

Result<store::EtcdMembers::Options> read_etcd(runtime::Shard& shard, const std::string& text) {
  TRY(const auto place, store::parse_etcd_place(text));
  store::EtcdMembers::Options etcd{
      .addresses = place.members, .credentials = nullptr, .stranger = nullptr};
  if (place.authority.empty()) return etcd;
  runtime::TlsMaterial tls;
  TRY(tls.authority, shard.disk().read(place.authority, small_file_bytes_max));
  TRY(etcd.stranger, shard.network().make_credentials(tls));
  if (!place.certificate.empty()) {
    TRY(tls.certificate, shard.disk().read(place.certificate, small_file_bytes_max));
    TRY(tls.key, shard.disk().read(place.key, small_file_bytes_max));
  }
  TRY(etcd.credentials, shard.network().make_credentials(tls));
  return etcd;
}

Result<NamedPlace> read_place(runtime::Shard& shard, const std::string& text) {
  NamedPlace named;
  if (!text.starts_with(in_file)) {
    TRY(named.place.etcd, read_etcd(shard, text));
    named.name = text;
    return named;
  }
  std::error_code failed;
  auto folder = std::filesystem::absolute(text.substr(in_file.size()), failed).lexically_normal();
  if (failed || text.size() == in_file.size()) {
    return Fault{Code::bad_configuration, Retry::never,
                 "'" + text + "' names no folder. Write sqlite:FOLDER, control's --data."};
  }
  if (!folder.has_filename()) folder = folder.parent_path();
  named.place.folder = folder;
  named.name = std::string(in_file) + folder.string();
  return named;
}

}  // namespace portolan::app

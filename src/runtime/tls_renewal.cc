#include "runtime/tls_renewal.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <optional>
#include <utility>

#include "runtime/kernel_network.h"
#include "runtime/offload.h"
#include "runtime/wait.h"
#include "runtime/x509_facts.h"

namespace portolan::runtime {
namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;
constexpr Duration day = Duration::hours(24);
using Certificate = std::unique_ptr<X509, decltype([](X509* held) { X509_free(held); })>;

struct Life {
  WallTime begin;
  WallTime end;

  bool is_short(WallTime now) const { return (end - now) * 4 < end - begin; }
};

std::optional<Life> life_of(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  const Certificate certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
  BIO_free(bio);
  if (!certificate) return std::nullopt;
  const auto begin = time_of(X509_get0_notBefore(certificate.get()));
  const auto end = time_of(X509_get0_notAfter(certificate.get()));
  if (!begin || !end) return std::nullopt;
  return Life{*begin, *end};
}

Result<TlsMaterial> read_material(Disk& disk, const TlsFiles& files) {
  TlsMaterial material;
  TRY(material.certificate, disk.read(files.certificate, file_bytes_max));
  TRY(material.key, disk.read(files.key, file_bytes_max));
  TRY(material.authority, disk.read(files.authority, file_bytes_max));
  return material;
}

bool is_same(const TlsMaterial& first, const TlsMaterial& other) {
  return first.certificate == other.certificate && first.key == other.key &&
         first.authority == other.authority;
}

std::string days_left(const std::optional<Life>& life, WallTime now) {
  if (!life) return "has no date";
  return "ends in " + std::to_string((life->end - now).ns / day.ns) + " days";
}

// What a process shows, and what it has told of it.
class Following {
 public:
  Following(Shard& shard, TlsMaterial shown)
      : shard_(shard), shown_(std::move(shown)), life_(life_of(shown_.certificate)) {}

  void take(const Result<TlsMaterial>& read) {
    const auto renewed = read && !is_same(*read, shown_)
                             ? renew_credentials(shard_.network(), shown_, *read)
                             : Result<std::size_t>(std::size_t{0});
    const Fault* trouble = read ? (renewed ? nullptr : &renewed.error()) : &read.error();
    if (trouble != nullptr) {
      tell_once("the certificate's files cannot be used, and nothing changes: " + trouble->message);
    } else if (*renewed > 0) {
      shown_ = *read;
      life_ = life_of(shown_.certificate);
      shard_.report("new connections show a new certificate; it " +
                    days_left(life_, shard_.wall_now()));
      told_.clear();
    }
    warn();
  }

  // Of one that ends soon, once a day.
  void warn() {
    if (!life_ || !life_->is_short(shard_.wall_now()) || shard_.now() < warn_again_) return;
    warn_again_ = shard_.now() + day;
    shard_.report("the certificate of this process " + days_left(life_, shard_.wall_now()) +
                  ", less than a quarter of its life: run 'portolan join --renew'");
  }

 private:
  void tell_once(const std::string& sentence) {
    if (std::exchange(told_, sentence) != sentence) shard_.report(sentence);
  }

  Shard& shard_;
  TlsMaterial shown_;
  std::optional<Life> life_;  // of shown_: OpenSSL reads a certificate in 200 us, the files in 20
  std::string told_;
  Instant warn_again_;
};

}  // namespace

Result<std::size_t> renew_credentials(Network& network, const TlsMaterial& old,
                                      const TlsMaterial& fresh) {
  auto* kernel = dynamic_cast<KernelNetwork*>(&network);
  if (kernel != nullptr) return kernel->renew(old, fresh);
  return Fault{Code::bad_configuration, Retry::never,
               "this network keeps the certificates that it was given"};
}

Task<void> follow_tls_files(Shard& shard, TlsFiles files) {
  auto first = read_material(shard.disk(), files);
  if (!first) co_return;  // what keeps a process from starting, its start has told
  Following following(shard, std::move(*first));
  following.warn();
  for (;;) {
    const Status slept = co_await sleep_for(shard, tls_reload_ms.milliseconds());
    if (!slept) co_return;
    auto work = [disk = &shard.disk(), at = &files] { return read_material(*disk, *at); };
    auto offloaded = offload(shard, std::move(work));
    const auto read = co_await offloaded;
    if (!read && read.error().code == Code::cancelled) co_return;
    following.take(read);
  }
}

}  // namespace portolan::runtime

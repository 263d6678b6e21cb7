#include "runtime/tls_pin.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>

#include "runtime/runtime_test_support.h"
#include "runtime/tls_test_support.h"

namespace portolan::runtime {
namespace {

using namespace testing;

std::string fingerprint_of(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  const TestCertificate certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr), X509_free);
  BIO_free(bio);
  std::array<unsigned char, 32> digest{};
  X509_digest(certificate.get(), EVP_sha256(), digest.data(), nullptr);
  std::string hex(pin_prefix);
  for (const unsigned char byte : digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

// "trusted", or the code of why not, of a client that knows `pin` alone.
Task<std::string> connect_pinned(EpollShard& shard, TlsMaterial served, std::string pin) {
  const auto of_server = shard.network().make_credentials(std::move(served));
  const auto of_client = shard.network().make_credentials({"", "", std::move(pin), false});
  if (!of_client) co_return std::string(name_of(of_client.error().code));
  auto listener = listen(shard, *of_server);
  constexpr auto greet = [](Shard& on, Listener& at) -> Task<void> {
    // A client that does not trust it is gone before the handshake's end.
    (void)co_await accept_and_greet(on, at);
  };
  Gate gate(shard, 1);
  gate.start(greet(shard, *listener));
  ConnectOptions options{listener->address(), *of_client, ""};
  const auto stream = co_await shard.network().connect(options);
  co_await gate.drain();
  co_return stream ? "trusted" : std::string(name_of(stream.error().code));
}

TEST(TlsPin, AnAuthorityOfAnotherFingerprintIsNotTrusted) {
  perform([](EpollShard& shard) -> Task<void> {
    const TestAuthority own;
    const TestAuthority other;
    auto served = own.issue("spiffe://n/control/c");
    served.certificate += own.certificate();
    // The pinned one is sent along too, but has not signed.
    served.certificate += other.certificate();
    const auto pin = fingerprint_of(other.certificate());
    const auto seen = co_await connect_pinned(shard, std::move(served), pin);
    EXPECT_EQ(seen, "untrusted_peer");
  });
}

TEST(TlsPin, AnAuthorityThatIsNotSentIsNotBelieved) {
  perform([](EpollShard& shard) -> Task<void> {
    const TestAuthority own;
    const TestAuthority other;
    auto served = own.issue("spiffe://n/control/c");
    // A chain that is given is sent as it is.
    served.certificate += other.certificate();
    const auto pin = fingerprint_of(own.certificate());
    const auto seen = co_await connect_pinned(shard, std::move(served), pin);
    EXPECT_EQ(seen, "untrusted_peer");
  });
}

TEST(TlsPin, WhatIsNoFingerprintIsRefused) {
  perform([](EpollShard& shard) -> Task<void> {
    for (const char* pin : {"sha256:", "sha256:abcd", "sha256:no hex at all"}) {
      const TestAuthority own;
      auto served = own.issue("spiffe://n/x");
      std::string named = pin;
      const auto seen = co_await connect_pinned(shard, std::move(served), std::move(named));
      EXPECT_EQ(seen, "bad_configuration") << pin;
    }
  });
}

TEST(TlsPin, TheOneOfTheFingerprintIs) {
  perform([](EpollShard& shard) -> Task<void> {
    const TestAuthority own;
    auto served = own.issue("spiffe://n/control/c");
    served.certificate += own.certificate();
    const auto pin = fingerprint_of(own.certificate());
    const auto seen = co_await connect_pinned(shard, std::move(served), pin);
    EXPECT_EQ(seen, "trusted");
  });
}

}  // namespace
}  // namespace portolan::runtime

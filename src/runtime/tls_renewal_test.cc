#include "runtime/tls_renewal.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "runtime/gate.h"
#include "runtime/runtime_test_support.h"
#include "runtime/tls_test_support.h"

namespace portolan::runtime {
namespace {

using namespace testing;

// Whom a client meets that connects with these credentials, and says who it is.
Task<std::string> meet(EpollShard& shard, std::shared_ptr<const Credentials> credentials) {
  auto pair = co_await connect_pair(shard, std::move(credentials));
  co_return pair.client->peer_identity() + " and " + pair.server->peer_identity();
}

TEST(TlsRenewal, WhatDoesNotFitTogetherChangesNothing) {
  perform([](EpollShard& shard) -> Task<void> {
    const TestAuthority authority;
    const auto old = authority.issue("spiffe://n/old", true);
    auto broken = authority.issue("spiffe://n/new", true);
    broken.key = authority.issue("spiffe://n/other").key;
    const auto credentials = shard.network().make_credentials(old);
    const auto renewed = renew_credentials(shard.network(), old, broken);
    EXPECT_EQ(renewed.error().code, Code::bad_configuration);
    const auto met = co_await meet(shard, *credentials);
    EXPECT_EQ(met, "spiffe://n/old and spiffe://n/old");
  });
}

TEST(TlsRenewal, CredentialsOfSomethingElseStay) {
  perform([](EpollShard& shard) -> Task<void> {
    const TestAuthority authority;
    const auto old = authority.issue("spiffe://n/old", true);
    const auto other = authority.issue("spiffe://n/other", true);
    const auto fresh = authority.issue("spiffe://n/new", true);
    const auto credentials = shard.network().make_credentials(other);
    const auto renewed = renew_credentials(shard.network(), old, fresh);
    EXPECT_EQ(*renewed, 0u);
    const auto met = co_await meet(shard, *credentials);
    EXPECT_EQ(met, "spiffe://n/other and spiffe://n/other");
  });
}

TEST(TlsRenewal, NewConnectionsShowTheNewOneAndOldOnesGoOn) {
  perform([](EpollShard& shard) -> Task<void> {
    const TestAuthority authority;
    const auto old = authority.issue("spiffe://n/old", true);
    const auto fresh = authority.issue("spiffe://n/new", true);
    const auto credentials = shard.network().make_credentials(old);
    auto before = co_await connect_pair(shard, *credentials);
    const auto renewed = renew_credentials(shard.network(), old, fresh);
    EXPECT_EQ(*renewed, 1u);
    const auto met = co_await meet(shard, *credentials);
    EXPECT_EQ(met, "spiffe://n/new and spiffe://n/new");
    const auto written = co_await write_text(shard, *before.server, "still here");
    EXPECT_TRUE(written.has_value());
    const auto heard = co_await read_text(shard, *before.client, 100);
    EXPECT_EQ(heard, "still here");
    // And again: what was renewed is known by what it shows now.
    const auto next = authority.issue("spiffe://n/next", true);
    EXPECT_EQ(*renew_credentials(shard.network(), fresh, next), 1u);
    const auto again = co_await meet(shard, *credentials);
    EXPECT_EQ(again, "spiffe://n/next and spiffe://n/next");
  });
}

// What a process tells at its start that shows these.
std::string told_of(const TlsMaterial& material) {
  std::string pattern = (std::filesystem::temp_directory_path() / "portolan-tls-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  const TlsFiles files{folder / "leaf.pem", folder / "leaf.key", folder / "authority.pem"};
  std::ofstream(files.certificate) << material.certificate;
  std::ofstream(files.key) << material.key;
  std::ofstream(files.authority) << material.authority;
  ::testing::internal::CaptureStderr();
  EpollShard shard;
  auto following = [](Shard& on, TlsFiles at) -> Task<void> {
    Gate work(on, 1);
    check(work.start(follow_tls_files(on, std::move(at))), "a new gate is open");
    co_await work.close();
  };
  shard.run(following(shard, files));
  std::filesystem::remove_all(folder);
  return ::testing::internal::GetCapturedStderr();
}

TEST(TlsRenewal, ItIsToldFromTheStartThatLessThanAQuarterOfTheLifeIsLeft) {
  const TestAuthority authority;
  const auto old = told_of(authority.issue("spiffe://n/old", true, 36'000));
  EXPECT_NE(old.find("less than a quarter of its life"), std::string::npos) << old;
  EXPECT_EQ(told_of(authority.issue("spiffe://n/young", true)), "");
}

}  // namespace
}  // namespace portolan::runtime

#include "runtime/tls_shown.h"

#include <gtest/gtest.h>

#include "runtime/runtime_test_support.h"
#include "runtime/tls_renewal.h"
#include "runtime/tls_test_support.h"

namespace portolan::runtime {
namespace {

using namespace testing;

TEST(TlsShown, CredentialsWithoutACertificateShowNone) {
  perform([](EpollShard& shard) -> Task<void> {
    const auto trusting = shard.network().make_credentials({});
    EXPECT_EQ(shown_certificate(**trusting), std::nullopt);
    EXPECT_EQ(shown_certificate(Credentials()), std::nullopt);
    co_return;
  });
}

TEST(TlsShown, IsWhatWasRenewed) {
  perform([](EpollShard& shard) -> Task<void> {
    const TestAuthority authority;
    const auto old = authority.issue("spiffe://n/old", true);
    const auto fresh = authority.issue("spiffe://n/new", true);
    const auto credentials = shard.network().make_credentials(old);
    const auto before = shown_certificate(**credentials);
    EXPECT_EQ(before->identity, "spiffe://n/old");
    EXPECT_GT(before->not_after, shard.wall_now());
    EXPECT_LT(before->not_after, shard.wall_now() + Duration::hours(2));
    const auto renewed = renew_credentials(shard.network(), old, fresh);
    EXPECT_TRUE(renewed);
    EXPECT_EQ(shown_certificate(**credentials)->identity, "spiffe://n/new");
    co_return;
  });
}

}  // namespace
}  // namespace portolan::runtime

#include "runtime/tls_credentials.h"

#include <gtest/gtest.h>

#include "runtime/runtime_test_support.h"
#include "runtime/tls_test_support.h"

namespace portolan::runtime {
namespace {

using namespace testing;

// How many certificates are sent behind the leaf; -1: every handshake looks for them anew.
int sent_behind_leaf(SSL_CTX* context) {
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(context, &chain);
  return sk_X509_num(chain);
}

TEST(TlsCredentials, AServerShowsItsAuthorityAndAClientDoesNot) {
  perform([](EpollShard& shard) -> Task<void> {
    const TestAuthority authority;
    const auto made = shard.network().make_credentials(authority.issue("spiffe://n/x", true));
    const auto& credentials = static_cast<const TlsCredentials&>(**made);
    EXPECT_EQ(sent_behind_leaf(credentials.server()), 1);
    EXPECT_EQ(sent_behind_leaf(credentials.client()), 0);
    co_return;
  });
}

TEST(TlsCredentials, AChainThatIsGivenIsSentAsItIs) {
  perform([](EpollShard& shard) -> Task<void> {
    const TestAuthority authority;
    const TestAuthority other;
    auto material = authority.issue("spiffe://n/x", true);
    material.certificate += other.certificate() + authority.certificate();
    const auto made = shard.network().make_credentials(std::move(material));
    const auto& credentials = static_cast<const TlsCredentials&>(**made);
    EXPECT_EQ(sent_behind_leaf(credentials.server()), 2);
    EXPECT_EQ(sent_behind_leaf(credentials.client()), 2);
    co_return;
  });
}

TEST(TlsCredentials, ALeafOfAnotherAuthorityIsSentAllTheSame) {
  perform([](EpollShard& shard) -> Task<void> {
    const TestAuthority authority;
    const TestAuthority other;
    auto material = authority.issue("spiffe://n/x", true);
    material.authority = other.certificate();
    const auto made = shard.network().make_credentials(std::move(material));
    const auto& credentials = static_cast<const TlsCredentials&>(**made);
    EXPECT_GE(sent_behind_leaf(credentials.server()), 0);
    EXPECT_EQ(sent_behind_leaf(credentials.client()), 0);
    co_return;
  });
}

}  // namespace
}  // namespace portolan::runtime

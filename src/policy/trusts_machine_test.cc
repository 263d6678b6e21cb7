#include "policy/trusts_machine.h"

#include <gtest/gtest.h>

namespace portolan::policy {
namespace {

TEST(TrustsMachine, NoneThatWasRevoked) {
  model::Restrictions restrictions;
  restrictions.revoked_machines = {"gw-stolen"};
  const auto held = std::make_shared<const model::Restrictions>(restrictions);
  const Status stolen = trusts_machine(held, "gw-stolen");
  ASSERT_FALSE(stolen);
  EXPECT_EQ(stolen.error().code, Code::untrusted_peer);
  EXPECT_EQ(stolen.error().retry, Retry::elsewhere);
  EXPECT_NE(stolen.error().message.find("gw-stolen"), std::string::npos);
  EXPECT_TRUE(trusts_machine(held, "gw-stolen-2"));
}

TEST(TrustsMachine, AllBeforeThereAreRestrictions) { EXPECT_TRUE(trusts_machine(nullptr, "gw-1")); }

}  // namespace
}  // namespace portolan::policy

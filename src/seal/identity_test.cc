#include "seal/identity.h"

#include <gtest/gtest.h>

namespace portolan::seal {
namespace {

TEST(Identity, RefusesWhatIsNoIdentity) {
  for (const auto* uri :
       {"", "spiffe://", "spiffe://demo", "spiffe://demo/zone/z", "spiffe://demo/zone/z/gateway/",
        "spiffe://demo/zone//gateway/g", "spiffe://demo/zone/z/gateway/g/", "spiffe:///control/c",
        "spiffe://demo/zone/z/gateway/g/x", "spiffe://demo/zone/Z/gateway/g",
        "spiffe://demo/zones/z/gateway/g", "http://demo/control/c", "spiffe://demo/control/c,d",
        "spiffe://demo/control/c\n", "spiffe://demo/meter/", "spiffe://demo/meters/m",
        "spiffe://demo/meter/m/x"}) {
    const auto parsed = parse_identity(uri);
    ASSERT_FALSE(parsed) << uri;
    EXPECT_EQ(parsed.error().code, Code::untrusted_peer);
  }
  EXPECT_FALSE(parse_identity("spiffe://demo/control/" + std::string(100'000, 'a')));
}

TEST(Identity, ComesBackFromItsUri) {
  const Identity gateway{"demo", Identity::Kind::gateway, "eu-central-1a", "gw-1"};
  const Identity control{"demo", Identity::Kind::control, "", "control-1"};
  EXPECT_EQ(render_identity(gateway), "spiffe://demo/zone/eu-central-1a/gateway/gw-1");
  EXPECT_EQ(render_identity(control), "spiffe://demo/control/control-1");
  EXPECT_EQ(*parse_identity(render_identity(gateway)), gateway);
  EXPECT_EQ(*parse_identity(render_identity(control)), control);
  const Identity meter{"demo", Identity::Kind::meter, "", "meter-1"};
  EXPECT_EQ(render_identity(meter), "spiffe://demo/meter/meter-1");
  EXPECT_EQ(*parse_identity(render_identity(meter)), meter);
}

TEST(Name, EndsInLettersOrDigitsAndIsShort) {
  for (const auto* name : {"", "-a", "a-", ".a", "A", "a_b", "a b", "ä"}) {
    EXPECT_FALSE(valid_name(name)) << name;
  }
  EXPECT_FALSE(valid_name(std::string(64, 'a')));
  EXPECT_TRUE(valid_name(std::string(63, 'a')));
  EXPECT_TRUE(valid_name("0"));
  EXPECT_TRUE(valid_name("smollm2-135m.eu-central-1a"));
}

}  // namespace
}  // namespace portolan::seal

#include "control/plan_zone_key.h"

#include <gtest/gtest.h>

namespace portolan::control {
namespace {

constexpr WallTime now = WallTime::from_unix_seconds(1'800'000'000);
constexpr Duration day = Duration::hours(24);

seal::SigningKey key_of(unsigned char fill) {
  seal::KeySeed seed;
  seed.fill(fill);
  return seal::SigningKey(seed);
}

ZoneKeyTarget target(Duration left = day * 300) {
  ZoneKeyTarget target;
  target.generation = 2;
  target.signer.key = key_of(2).verify_key();
  target.signer.not_after = now + left;
  return target;
}

world::PollRequest said(std::uint64_t generation, std::string issuer, Duration left) {
  world::PollRequest request;
  request.zone = "eu-central-1a";
  request.zone_key = world::ZoneKeySaid{
      .key = key_of(7).verify_key().base64url(),
      .generation = generation,
      .issuer = std::move(issuer),
      .ends_s = static_cast<std::uint64_t>((now + left).unix_seconds())};
  return request;
}

const std::string ours = key_of(2).verify_key().id();

TEST(PlanZoneKey, CertifiesNoKeyThatIsToBeReplaced) {
  const auto plan = plan_zone_key(target(), said(1, "", Duration()), now);
  EXPECT_TRUE(plan.replace);
  EXPECT_FALSE(plan.certify);
}

TEST(PlanZoneKey, LeavesAloneWhoHasNoKeyOrALongOne) {
  EXPECT_TRUE(plan_zone_key(target(), {}, now).empty());
  EXPECT_TRUE(plan_zone_key(target(), said(2, ours, day * 31), now).empty());
  EXPECT_TRUE(plan_zone_key(target(), said(9, ours, day * 31), now).empty());
}

TEST(PlanZoneKey, CertifiesWhatHasNoneOrAnOldOne) {
  EXPECT_TRUE(plan_zone_key(target(), said(2, "", Duration()), now).certify);
  EXPECT_TRUE(plan_zone_key(target(), said(2, "of an earlier control", day * 80), now).certify);
  const auto renewed = plan_zone_key(target(), said(2, ours, day * 29), now);
  EXPECT_TRUE(renewed.certify);
  EXPECT_EQ(renewed.ends, now + day * 90);
}

TEST(PlanZoneKey, NeverOutlivesControlAndGivesNothingThatGainsNothing) {
  const auto plan = plan_zone_key(target(day * 10), said(2, "", Duration()), now);
  EXPECT_EQ(plan.ends, now + day * 10);
  EXPECT_TRUE(plan_zone_key(target(day * 10), said(2, ours, day * 10), now).empty());
}

TEST(PlanZoneKey, CertifiesForTheZoneThatAsks) {
  const auto request = said(2, "", Duration());
  const auto plan = plan_zone_key(target(), request, now);
  const auto certificate = certify_zone(request, plan, key_of(2), "net", now);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->subject.role, seal::Role::zone);
  EXPECT_EQ(certificate->subject.name, "eu-central-1a");
  EXPECT_EQ(certificate->subject.key, key_of(7).verify_key());
  EXPECT_EQ(certificate->issuer, ours);
  auto wrong = request;
  wrong.zone_key->key = "not a key";
  EXPECT_EQ(certify_zone(wrong, plan, key_of(2), "net", now).error().code,
            Code::invalid_parameter);
}

}  // namespace
}  // namespace portolan::control

#include "control/plan_join.h"

#include <gtest/gtest.h>

namespace portolan::control {
namespace {

using seal::Identity;

constexpr WallTime noon = WallTime::from_unix_seconds(1'800'000'000);
const std::string own_key(64, 'a');
const std::string other_key(64, 'b');

seal::JoinToken shown() {
  return seal::make_join_token({1, 2, 3}, {4, 5, 6}, std::string(64, 'c'));
}

TokenRecord stored() {
  return {.id = shown().id,
          .digest = seal::digest_of_secret(shown()),
          .zone = "eu-central-1a",
          .role = Identity::Kind::gateway,
          .created = noon - Duration::hours(1),
          .expires = noon + Duration::hours(1),
          .revoked = false,
          .used_by = {},
          .machine = {}};
}

JoinWish wish() { return {.token = shown(), .request = {}, .zone = {}, .role = {}, .id = {}}; }

JoinSight sight() {
  return {.network = "net", .key = own_key, .zone_known = true, .fresh_id = "fresh", .now = noon};
}

Code code_of(const TokenRecord& token, const JoinWish& wanted, const JoinSight& seen) {
  const auto planned = plan_join(token, wanted, seen);
  EXPECT_FALSE(planned);
  if (planned) return Code::cancelled;
  EXPECT_EQ(planned.error().retry, Retry::never);
  EXPECT_NE(planned.error().message.find(seen.zone_known ? "token create" : "World"),
            std::string::npos)
      << "says what to do: " << planned.error().message;
  return planned.error().code;
}

TEST(CheckToken, AGuessAndATokenOfNowhereAreToldTheSame) {
  auto guessed = shown();
  guessed.secret[0] = guessed.secret[0] == '0' ? '1' : '0';
  const auto token = stored();
  const auto guess = check_token(&token, guessed);
  const auto nowhere = check_token(nullptr, shown());
  ASSERT_FALSE(guess || nowhere);
  EXPECT_EQ(guess.error(), nowhere.error());
  EXPECT_EQ(guess.error().code, Code::unknown_key);
  EXPECT_TRUE(check_token(&token, shown()));
}

TEST(PlanJoin, EachRefusalHasItsOwnCode) {
  auto revoked = stored();
  revoked.revoked = true;
  EXPECT_EQ(code_of(revoked, wish(), sight()), Code::revoked_key);
  auto late = stored();
  late.expires = noon;
  EXPECT_EQ(code_of(late, wish(), sight()), Code::expired_key);
  auto used = stored();
  used.used_by = other_key;
  used.machine = "somebody";
  EXPECT_EQ(code_of(used, wish(), sight()), Code::resource_conflict);
  auto elsewhere = wish();
  elsewhere.zone = "eu-central-1b";
  EXPECT_EQ(code_of(stored(), elsewhere, sight()), Code::invalid_parameter);
  auto another = wish();
  another.role = "control";
  EXPECT_EQ(code_of(stored(), another, sight()), Code::invalid_parameter);
  auto gone = sight();
  gone.zone_known = false;
  EXPECT_EQ(code_of(stored(), wish(), gone), Code::resource_not_found);
}

TEST(PlanJoin, AnIdThatIsNoNameIsRefused) {
  auto wanted = wish();
  wanted.id = "x/zone/other";
  const auto planned = plan_join(stored(), wanted, sight());
  ASSERT_FALSE(planned);
  EXPECT_EQ(planned.error().code, Code::invalid_parameter);
}

TEST(PlanJoin, TheSameKeyAskingAgainBecomesTheSameMachine) {
  auto used = stored();
  used.used_by = own_key;
  used.machine = "gw-7";
  const auto again = plan_join(used, wish(), sight());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, "gw-7");
  auto renamed = wish();
  renamed.id = "gw-8";
  EXPECT_EQ(code_of(used, renamed, sight()), Code::invalid_parameter);
  used.revoked = true;
  EXPECT_EQ(code_of(used, wish(), sight()), Code::revoked_key);
}

TEST(PlanJoin, ATokenLetsItsRoleIntoItsZone) {
  const auto gateway = plan_join(stored(), wish(), sight());
  ASSERT_TRUE(gateway);
  EXPECT_EQ(render_identity(*gateway), "spiffe://net/zone/eu-central-1a/gateway/fresh");
  auto token = stored();
  token.role = Identity::Kind::meter;
  auto wanted = wish();
  wanted.id = "meter-2";
  wanted.zone = token.zone;
  wanted.role = "meter";
  const auto meter = plan_join(token, wanted, sight());
  ASSERT_TRUE(meter);
  EXPECT_EQ(render_identity(*meter), "spiffe://net/meter/meter-2");
}

TEST(CheckId, AnIdThatAnotherHasIsRefused) {
  const Identity identity{"net", Identity::Kind::gateway, "eu-central-1a", "gw-1"};
  Machine known;
  known.id = "gw-1";
  known.identity = render_identity(identity);
  known.key = other_key;
  for (const auto& taken :
       {check_id(identity, own_key, &known, false), check_id(identity, own_key, nullptr, true)}) {
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Code::resource_conflict);
    EXPECT_NE(taken.error().message.find("--id"), std::string::npos);
  }
  EXPECT_TRUE(check_id(identity, other_key, &known, true));
  auto other_zone = identity;
  other_zone.zone = "eu-central-1b";
  EXPECT_FALSE(check_id(other_zone, other_key, &known, false));
  EXPECT_TRUE(check_id(identity, own_key, nullptr, false));
}

TEST(CheckRenewal, IsForTheMachineAndKeyThatJoined) {
  Machine known;
  known.id = "gw-1";
  known.identity = "spiffe://net/zone/eu-central-1a/gateway/gw-1";
  known.key = own_key;
  EXPECT_EQ(check_renewal(nullptr, known.identity, own_key).error().code, Code::resource_not_found);
  EXPECT_EQ(check_renewal(&known, known.identity, other_key).error().code, Code::resource_conflict);
  EXPECT_FALSE(check_renewal(&known, "spiffe://net/meter/gw-1", own_key));
  EXPECT_TRUE(check_renewal(&known, known.identity, own_key));
}

TEST(EndsSoon, IsTheLastQuarter) {
  const auto life = Duration::hours(static_cast<std::int64_t>(machine_certificate_hours.value));
  Machine machine;
  machine.ends = noon + life;
  EXPECT_FALSE(ends_soon(machine, noon + life / 2));
  EXPECT_TRUE(ends_soon(machine, noon + life / 5 * 4));
  EXPECT_TRUE(ends_soon(machine, noon + life * 2));
}

TEST(PlanValidity, NoCertificateOutlivesItsAuthority) {
  EXPECT_FALSE(plan_validity(noon, noon));
  const auto cut = plan_validity(noon, noon + Duration::hours(5));
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->not_after, noon + Duration::hours(5));
  const auto whole = plan_validity(noon, noon + Duration::hours(24 * 3650));
  EXPECT_EQ(whole->not_after,
            noon + Duration::hours(static_cast<std::int64_t>(machine_certificate_hours.value)));
  EXPECT_LT(whole->not_before, noon);
}

}  // namespace
}  // namespace portolan::control

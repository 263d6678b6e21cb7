#include "policy/may_fetch_receipt.h"

#include <gtest/gtest.h>

#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

constexpr WallTime now{1'000};

struct Ask {
  unsigned char key = 1;  // 1: workspace eu, 2: workspace global
  std::string zone = "eu-1-a";
  ReceiptRole role = ReceiptRole::entry;
  std::string scope = "";
};

// The code of the refusal; nothing where the receipt may be fetched.
std::optional<Code> refusal(const Parts& parts, const Ask& ask) {
  const model::View view = parts.view();
  const auto caller = authenticate(view, numbered_key(ask.key).text, now);
  check(caller.has_value(), "a key of the small world");
  const auto status =
      may_fetch_receipt(view, *caller, ask.scope, zone_of(view, ask.zone), ask.role, now);
  if (status) return std::nullopt;
  return status.error().code;
}

TEST(MayFetchReceipt, NeverFromOutsideOfTheCallersScopes) {
  for (const ReceiptRole role : {ReceiptRole::entry, ReceiptRole::executor}) {
    EXPECT_EQ(refusal(small_world(), {.zone = "cn-a", .role = role}), Code::scope_denied);
    EXPECT_EQ(refusal(small_world(), {.key = 2, .zone = "cn-a", .role = role, .scope = "eu"}),
              Code::scope_denied);
    EXPECT_EQ(refusal(small_world(), {.key = 2, .role = role, .scope = "mars"}),
              Code::unknown_scope);
  }
}

TEST(MayFetchReceipt, NeverFromADeniedZoneButFromADrainedOne) {
  auto parts = small_world();
  parts.restrictions.denied.insert("eu-1");
  EXPECT_EQ(refusal(parts, {}), Code::scope_denied);
  parts = small_world();
  parts.restrictions.drained.insert("eu-1-a");
  EXPECT_EQ(refusal(parts, {}), std::nullopt);
}

TEST(MayFetchReceipt, NeverWhereARuleKeepsTheDataOut) {
  auto parts = small_world();
  model::Rule rule;
  rule.name = "residency";
  rule.kind = model::Rule::Kind::require;
  rule.data = {{"data-class", "personal"}};
  rule.places.group = {"eu"};
  parts.network.rules = {rule};
  parts.content.workspaces[1].labels = {{"data-class", "personal"}};
  for (const ReceiptRole role : {ReceiptRole::entry, ReceiptRole::executor}) {
    EXPECT_EQ(refusal(parts, {.key = 2, .zone = "sg-a", .role = role}), Code::scope_denied);
    EXPECT_EQ(refusal(parts, {.key = 2, .zone = "eu-1-b", .role = role}), std::nullopt);
  }
}

TEST(MayFetchReceipt, FromAnEntryOutsideWhereTheScopeLetsItStandAnywhere) {
  auto parts = small_world();
  parts.content.workspaces[0].scopes = {"open"};
  EXPECT_EQ(refusal(parts, {.zone = "sg-a"}), std::nullopt);
  EXPECT_EQ(refusal(parts, {.zone = "sg-a", .role = ReceiptRole::executor}), Code::scope_denied);
}

TEST(MayFetchReceipt, FromAnyZoneOfTheCallersScopes) {
  EXPECT_EQ(refusal(small_world(), {.zone = "eu-1-b"}), std::nullopt);
  EXPECT_EQ(refusal(small_world(), {.key = 2, .zone = "sg-b", .role = ReceiptRole::executor}),
            std::nullopt);
}

}  // namespace
}  // namespace portolan::policy

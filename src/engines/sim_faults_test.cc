#include "engines/sim_faults.h"

#include <gtest/gtest.h>

namespace portolan::engines {
namespace {

using Kind = FaultOrder::Kind;

TEST(FaultOrders, RefuseWhatTheirKindDoesNotKnow) {
  EXPECT_FALSE(parse_fault_orders("{"));
  EXPECT_FALSE(parse_fault_orders(R"({"count":1})"));
  EXPECT_FALSE(parse_fault_orders(R"({"kind":"explode"})"));
  EXPECT_FALSE(parse_fault_orders(R"({"kind":"hang","tokens":3})"));
  EXPECT_FALSE(parse_fault_orders(R"({"kind":"status","status":200})"));
  EXPECT_FALSE(parse_fault_orders(R"({"kind":"hang","count":1,"probability":0.5})"));
  EXPECT_FALSE(parse_fault_orders(R"({"kind":"hang","probability":2})"));
  EXPECT_FALSE(parse_fault_orders(R"({"kind":"hang","count":0})"));
  EXPECT_FALSE(parse_fault_orders(R"({"kind":"malformed","variant":"odd"})"));
}

TEST(FaultOrders, AreOneOrMany) {
  const auto one = parse_fault_orders(R"({"kind":"status","status":503,"count":2})");
  ASSERT_TRUE(one);
  ASSERT_EQ(one->size(), 1u);
  EXPECT_EQ(one->front().status, 503);
  const auto many = parse_fault_orders(R"([{"kind":"hang"},{"kind":"reset_after","tokens":4}])");
  ASSERT_TRUE(many);
  ASSERT_EQ(many->size(), 2u);
  EXPECT_EQ(many->back().tokens, 4u);
}

TEST(FaultBook, TakesOrdersInTurnAndUsesThemUp) {
  FaultBook book;
  Random random(1);
  book.add({.kind = Kind::status, .count = 2}, Instant());
  book.add({.kind = Kind::hang, .count = 1}, Instant());
  EXPECT_FALSE(book.take_for_health(random));
  EXPECT_EQ(book.take_for_execution(random)->kind, Kind::status);
  EXPECT_EQ(book.take_for_execution(random)->kind, Kind::status);
  EXPECT_EQ(book.take_for_execution(random)->kind, Kind::hang);
  EXPECT_FALSE(book.take_for_execution(random));
}

TEST(FaultBook, KeepsAnOrderByChanceUntilItIsCleared) {
  FaultBook book;
  Random random(1);
  book.add({.kind = Kind::hang, .count = 0, .probability = 0.5}, Instant());
  int taken = 0;
  for (int i = 0; i < 1000; ++i) taken += book.take_for_execution(random) ? 1 : 0;
  EXPECT_GT(taken, 400);
  EXPECT_LT(taken, 600);
  book.clear();
  EXPECT_FALSE(book.take_for_execution(random));
  EXPECT_TRUE(book.render_taken().starts_with("{\"status\":0,\"hang\":" + std::to_string(taken)))
      << "what was taken stays counted: " << book.render_taken();
}

}  // namespace
}  // namespace portolan::engines

#include "wire/traceparent.h"

#include <gtest/gtest.h>

#include <string>

namespace portolan::wire {
namespace {

constexpr const char* example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceParent, StartsAnewWhereTheStandardSaysSo) {
  for (const auto* text : {
           "",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
           "00-4BF92F3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
           "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
       }) {
    EXPECT_EQ(parse_traceparent(text), std::nullopt) << text;
  }
}

TEST(TraceParent, IsReadBackAsItWasRendered) {
  const auto trace = parse_traceparent(example);
  ASSERT_TRUE(trace);
  EXPECT_EQ(render_traceparent(*trace), example);
  EXPECT_EQ(render_trace_id(*trace), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(parse_traceparent("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-new"),
            trace);
}

TEST(TraceParent, HasChildrenOfTheSameTrace) {
  Random random(7);
  const auto parent = *parse_traceparent(example);
  const auto child = child_of(parent, random);
  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_NE(child.parent_id, parent.parent_id);
  EXPECT_EQ(child.flags, 1);
  const auto fresh = new_trace(random);
  EXPECT_EQ(parse_traceparent(render_traceparent(fresh)), fresh);
}

}  // namespace
}  // namespace portolan::wire

#include "gateway/former_views.h"

#include <gtest/gtest.h>

#include <utility>

namespace portolan::gateway {
namespace {

model::View view_of(std::shared_ptr<const model::Restrictions> restrictions,
                    std::shared_ptr<const model::MaskTables> masks) {
  model::View view;
  view.restrictions = std::move(restrictions);
  view.masks = std::move(masks);
  return view;
}

struct FormerViewsTest : ::testing::Test {
  std::shared_ptr<const model::Restrictions> older = std::make_shared<const model::Restrictions>();
  std::shared_ptr<const model::Restrictions> newer = std::make_shared<const model::Restrictions>();
  std::shared_ptr<const model::MaskTables> masks = std::make_shared<const model::MaskTables>();
  FormerViews former;
};

TEST_F(FormerViewsTest, APartStaysWhileARequestHoldsIt) {
  const model::View now = view_of(newer, masks);
  model::View request = view_of(std::exchange(older, nullptr), masks);
  former.keep(request, now);
  EXPECT_TRUE(former.take_unused().empty());
  const std::weak_ptr<const model::Restrictions> watched = request.restrictions;
  request = {};
  EXPECT_FALSE(watched.expired()) << "a request's end frees nothing";
  EXPECT_EQ(former.take_unused().size(), 1u);
  EXPECT_TRUE(watched.expired());
  EXPECT_TRUE(former.take_unused().empty());
}

TEST_F(FormerViewsTest, WhatTheNewViewHasTooIsNotKept) {
  const long holders = masks.use_count();
  former.keep(view_of(std::exchange(older, nullptr), masks), view_of(newer, masks));
  EXPECT_EQ(masks.use_count(), holders);
  EXPECT_EQ(former.take_unused().size(), 1u);
}

}  // namespace
}  // namespace portolan::gateway

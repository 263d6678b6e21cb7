#include "policy/entry_urls.h"

#include <gtest/gtest.h>

#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

using Urls = std::vector<std::string>;

Urls urls(const Parts& parts, unsigned char key, std::string_view scope = "",
          const model::Narrowing& narrowing = {}) {
  const auto view = parts.view();
  const auto caller = authenticate(view, numbered_key(key).text, WallTime{0});
  check(caller.has_value(), "a key of the small world");
  return entry_urls(view, *caller, scope, narrowing, WallTime{0});
}

TEST(EntryUrls, AreNoneWhenNothingIsKnown) {
  EXPECT_EQ(entry_urls({}, {}, "", {}, WallTime{0}), Urls{});
  EXPECT_EQ(urls(small_world(), 2, "mars"), Urls{});
  EXPECT_EQ(urls(small_world(), 2, "", {.scope = "mars", .only = {}, .ignore = {}}), Urls{});
  EXPECT_EQ(urls(small_world(), 2, "", {.scope = "", .only = {}, .ignore = {"mars"}}), Urls{});
}

TEST(EntryUrls, LeaveDrainedRegionsOut) {
  Parts parts = small_world();
  parts.restrictions.drained = {"cn", "sg-a"};
  EXPECT_EQ(urls(parts, 2), (Urls{"https://eu-1.example", "https://sg.example"}));
}

TEST(EntryUrls, NameTheGatewaysOfARegionThatOnlyHalfDoes) {
  Parts parts = small_world();
  parts.network.scopes[1].exclude = {"eu-1-b"};
  EXPECT_EQ(urls(parts, 1), Urls{"https://eu-1-a.example"});
}

TEST(EntryUrls, NameTheGatewaysOfARegionThatHasNoUrl) {
  Parts parts = small_world();
  parts.network.regions[1].url.clear();
  EXPECT_EQ(urls(parts, 1), (Urls{"https://eu-1-a.example", "https://eu-1-b.example"}));
}

TEST(EntryUrls, FollowHeadAndBody) {
  EXPECT_EQ(urls(small_world(), 2).size(), 3u);
  EXPECT_EQ(urls(small_world(), 2, "cn"), Urls{"https://cn.example"});
  EXPECT_EQ(urls(small_world(), 2, "", {.scope = "", .only = {"sg-b"}, .ignore = {}}),
            Urls{"https://sg.example"});
  EXPECT_EQ(urls(small_world(), 2, "", {.scope = "eu", .only = {}, .ignore = {}}),
            Urls{"https://eu-1.example"});
}

}  // namespace
}  // namespace portolan::policy

#include "store/etcd_place.h"

#include <gtest/gtest.h>

namespace portolan::store {
namespace {

TEST(EtcdPlace, WhatIsNoneIsRefused) {
  for (const char* text :
       {"", "http://a:1", "etcd://", "etcd://a", "etcd://a:1,", "etcd://a:1?other=x",
        "etcd://a:1?certificate=c", "etcd://a:1?ca=x&key=k", "etcd://a:1?certificate=c&key=k",
        "etcd://a:1?ca=x&ca=y", "etcd://a:99999"}) {
    const auto place = parse_etcd_place(text);
    ASSERT_FALSE(place) << text;
  }
}

TEST(EtcdPlace, NamesMembersInOrderAndFiles) {
  const auto place = parse_etcd_place("etcd://b:2379,a:1,[::1]:7?ca=%2Fx+y&certificate=c&key=k");
  ASSERT_TRUE(place) << place.error().message;
  EXPECT_EQ(place->members, (std::vector<runtime::Address>{{"b", 2379}, {"a", 1}, {"::1", 7}}));
  EXPECT_EQ(place->authority, "/x y");
  EXPECT_EQ(place->certificate, "c");
  EXPECT_EQ(place->key, "k");
}

}  // namespace
}  // namespace portolan::store

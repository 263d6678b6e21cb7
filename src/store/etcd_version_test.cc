#include "store/etcd_version.h"

#include <gtest/gtest.h>

namespace portolan::store {
namespace {

std::string refusal_of(std::string_view version) {
  const Status status = check_etcd_version(version);
  if (status) return "";
  EXPECT_EQ(status.error().code, Code::bad_configuration);
  return status.error().message;
}

TEST(EtcdVersion, WhatLosesDataIsRefusedByItsReason) {
  for (const char* version : {"3.5.0", "3.5.1", "3.5.2"}) {
    EXPECT_NE(refusal_of(version).find("killed under load"), std::string::npos) << version;
  }
  for (const char* version : {"3.5.3", "3.5.5"}) {
    EXPECT_NE(refusal_of(version).find("defragmentation"), std::string::npos) << version;
  }
  for (const char* version : {"3.5.6", "3.5.12"}) {
    EXPECT_NE(refusal_of(version).find("watches"), std::string::npos) << version;
  }
  EXPECT_NE(refusal_of("3.4.37").find("older line"), std::string::npos);
  EXPECT_NE(refusal_of("2.3.8").find("3.5.13 or newer"), std::string::npos);
}

TEST(EtcdVersion, WhatIsNoReleaseIsRefused) {
  for (const char* version :
       {"", "3", "3.6", "3.6.", "3.6.x", "3.6.0-rc.1", "4.0.0", "v3.6.0", "3.6.99999999999"}) {
    EXPECT_NE(refusal_of(version), "") << version;
  }
}

TEST(EtcdVersion, MendedOnesAreTaken) {
  for (const char* version : {"3.5.13", "3.5.26", "3.6.0", "3.6.5", "3.7.0"}) {
    EXPECT_EQ(refusal_of(version), "") << version;
  }
}

TEST(EtcdSetting, WhatAnybodyCouldChangeIsRefusedOffLoopback) {
  const auto refused = [](EtcdSetting setting) {
    return !check_etcd_setting(setting, "etcd.example:2379").has_value();
  };
  EXPECT_TRUE(refused({.tls = false, .loopback = false, .answers_strangers = false}));
  EXPECT_TRUE(refused({.tls = true, .loopback = false, .answers_strangers = true}));
  EXPECT_FALSE(refused({.tls = true, .loopback = false, .answers_strangers = false}));
  EXPECT_FALSE(refused({.tls = false, .loopback = true, .answers_strangers = true}));
}

}  // namespace
}  // namespace portolan::store

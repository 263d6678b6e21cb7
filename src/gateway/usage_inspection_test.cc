#include "gateway/usage_inspection.h"

#include <gtest/gtest.h>

#include "gateway/usage_test_support.h"
#include "wire/json_value.h"

namespace portolan::gateway {
namespace {

class UsageInspectionTest : public UsageLogStage {
 protected:
  UsageInspection inspect(const std::string& path = folder) {
    lines_.clear();
    rows_.clear();
    const auto seen = inspect_usage(machine_.disk(), path, [this](const InspectedRecord& record) {
      std::string text;
      render_inspected(text, record);
      lines_.push_back(wire::parse_json(text).value());
      render_inspected_row(rows_, record);
    });
    EXPECT_TRUE(seen) << seen.error().message;
    return *seen;
  }
  std::string text(std::size_t line, const char* member) {
    const wire::Json* value = lines_.at(line).find(member);
    return value != nullptr ? wire::render_canonical(*value) : "missing";
  }
  std::string& first() { return machine_.disk().files().at("/usage/00000001-000001.usage"); }

  std::vector<wire::Json> lines_;
  std::string rows_;
};

TEST_F(UsageInspectionTest, DamageAndMissingNumbersAreNamed) {
  start();
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(append(closed(id(i))));
  end();
  first()[first().find(id(2))] = '!';
  const auto seen = inspect();
  ASSERT_EQ(seen.damages.size(), 2u);
  EXPECT_NE(seen.damages[0].find("number 4 stands where 3 belongs"), std::string::npos);
  EXPECT_NE(seen.damages[1].find("/usage/00000001-000001.usage"), std::string::npos);
  EXPECT_NE(seen.damages[1].find("bytes are damaged"), std::string::npos);
}

TEST_F(UsageInspectionTest, AnEndCutByACrashIsNoDamage) {
  start();
  ASSERT_TRUE(append(closed(id(1))));
  const std::size_t whole = first().find_last_not_of('\0') + 1;
  ASSERT_TRUE(append(closed(id(2))));
  end();
  first().replace(whole + 60, 1'000, std::string(1'000, '\0'));
  const auto seen = inspect();
  EXPECT_TRUE(seen.damages.empty());
  ASSERT_EQ(seen.notes.size(), 1u);
  EXPECT_NE(seen.notes[0].find("was cut"), std::string::npos);
}

TEST_F(UsageInspectionTest, WhatAFailedWriteLeftIsNotShown) {
  start();
  ASSERT_TRUE(append(closed(id(1))));
  universe_.faults().disk_failed = 1;
  universe_.faults().disk_torn = 1;
  EXPECT_FALSE(append(closed(id(2))));
  universe_.faults() = {};
  wait(usage_room_retry_ms.milliseconds());
  ASSERT_TRUE(append(closed(id(3))));
  EXPECT_TRUE(inspect().damages.empty());
  ASSERT_EQ(lines_.size(), 5u);
  EXPECT_EQ(text(4, "request_id"), "\"a-1-3\"");
  EXPECT_EQ(text(4, "number"), "3");
}

TEST_F(UsageInspectionTest, AMissingFolderIsAFault) {
  EXPECT_FALSE(inspect_usage(machine_.disk(), "/usage/00000001-000001.usage", {}));
}

TEST_F(UsageInspectionTest, EveryRecordIsALineWithItsMembers) {
  start();
  ASSERT_TRUE(append(opened(id(1))));
  ASSERT_TRUE(append(counted(id(1), 32)));
  ASSERT_TRUE(append(closed(id(1), 40)));
  const auto seen = inspect();
  EXPECT_TRUE(seen.damages.empty() && seen.notes.empty());
  ASSERT_EQ(lines_.size(), 5u);
  EXPECT_EQ(text(0, "kind"), "\"segment\"");
  EXPECT_EQ(text(0, "epoch"), "1");
  EXPECT_EQ(text(1, "kind"), "\"start\"");
  EXPECT_EQ(text(2, "model"), "\"smollm2\"");
  EXPECT_EQ(text(2, "number"), "0");
  EXPECT_EQ(text(3, "completion_tokens"), "32");
  EXPECT_EQ(text(4, "outcome"), "\"completed\"");
  EXPECT_EQ(text(4, "number"), "2");
  EXPECT_EQ(text(4, "epoch"), "1");
  EXPECT_NE(rows_.find("completed 200, 0 + 40 tokens"), std::string::npos);
  inspect("/usage/00000001-000001.usage");
  EXPECT_EQ(lines_.size(), 5u) << "a segment alone shows the same";
}

}  // namespace
}  // namespace portolan::gateway

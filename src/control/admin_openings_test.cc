#include "control/api_stage_test_support.h"

namespace portolan::control {
namespace {

using namespace testing;

struct AdminOpeningsTest : ApiTest {};

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string file(const std::string& spec) {
  return R"(apiVersion: portolan/v1
kind: Region
metadata: {name: mx-1}
spec: {country: MX, latitude: 19, longitude: -99, url: "https://mx.example.net"}
---
kind: Zone
metadata: {name: mx-1a}
spec: {region: mx-1}
---
kind: Opening
metadata: {name: mexico}
spec: {)" +
         spec + "}\n";
}

TEST_F(AdminOpeningsTest, WhatIsWrongWithAFileIsShownAsAnApplyShowsIt) {
  play([](ApiStage& stage) -> Task<void> {
    const auto keyless = co_await call(stage, "POST", "/admin/v1/openings", file(""), "");
    EXPECT_EQ(keyless.status, 401);
    const auto wrong =
        co_await call(stage, "POST", "/admin/v1/openings?source=mexico.yaml", file("region: mx-2"));
    EXPECT_EQ(wrong.status, 422);
    EXPECT_TRUE(holds(wrong.answer.body, "mexico.yaml")) << wrong.answer.body;
    EXPECT_TRUE(holds(wrong.answer.body, "problems")) << wrong.answer.body;
    const auto none = co_await call(stage, "POST", "/admin/v1/openings", small_network);
    EXPECT_EQ(none.status, 400);
    const auto nobody = co_await call(stage, "POST", "/admin/v1/openings/mexico/stop");
    EXPECT_EQ(nobody.status, 404);
    const auto listed = co_await call(stage, "GET", "/admin/v1/openings");
    EXPECT_TRUE(listed.json.find("openings")->as_array()->empty());
  });
}

TEST_F(AdminOpeningsTest, WhoeverAppliesTheFileOfAnOpeningOpensNothing) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto applied = co_await call(stage, "POST", "/admin/v1/apply", file("region: mx-1"));
    EXPECT_EQ(applied.status, 400) << applied.answer.body;
    EXPECT_TRUE(holds(applied.answer.body, "portolan region open FILE")) << applied.answer.body;
    const auto place = co_await call(stage, "GET", "/admin/v1/resources/regions/mx-1");
    EXPECT_EQ(place.status, 404);
    co_await call(stage, "POST", "/admin/v1/openings", file("region: mx-1"));
    const auto again = co_await call(stage, "POST", "/admin/v1/apply", file("region: mx-1"));
    EXPECT_EQ(again.status, 200) << "its place is there, and closed: " << again.answer.body;
  });
}

TEST_F(AdminOpeningsTest, AnOpeningIsBegunShownStoppedAndResumed) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", small_network);
    const auto dry =
        co_await call(stage, "POST", "/admin/v1/openings?dry_run=true", file("region: mx-1"));
    EXPECT_EQ(dry.status, 200) << dry.answer.body;
    EXPECT_TRUE(dry.json.find("results") != nullptr);
    const auto begun = co_await call(stage, "POST", "/admin/v1/openings", file("region: mx-1"));
    EXPECT_EQ(begun.status, 200) << begun.answer.body;
    EXPECT_EQ(begun.text("phase"), "applying");
    EXPECT_EQ(begun.text("region"), "mx-1");
    EXPECT_FALSE(begun.text("now").empty());
    EXPECT_TRUE(holds(begun.answer.body, "\"kind\": \"Opening\"")) << "its spec";
    EXPECT_EQ(begun.json.find("gates")->as_array()->size(), 10u);
    const auto stopped =
        co_await call(stage, "POST", "/admin/v1/openings/mx-1/stop?reason=a%20storm");
    EXPECT_EQ(stopped.text("phase"), "stopped");
    EXPECT_EQ(stopped.text("why"), "a storm");
    const auto shown = co_await call(stage, "GET", "/admin/v1/openings/mexico");
    EXPECT_EQ(shown.text("phase"), "stopped");
    const auto reopened = co_await call(stage, "POST", "/admin/v1/openings/mexico/reopen");
    EXPECT_EQ(reopened.status, 409);
    const auto resumed = co_await call(stage, "POST", "/admin/v1/openings/mexico/resume");
    EXPECT_EQ(resumed.text("phase"), "applying");
    const auto drained = co_await call(
        stage, "POST", "/admin/v1/openings/eu-central-1/drain?break_glass=1&reason=a%20test");
    EXPECT_EQ(drained.status, 200) << drained.answer.body;
    EXPECT_EQ(drained.text("drained"), "eu-central-1");
  });
}

}  // namespace
}  // namespace portolan::control

#include "control/api_stage_test_support.h"
#include "control/parity_report.h"
#include "runtime/wait.h"
#include "seal/catalogue.h"

namespace portolan::control {
namespace {

using namespace testing;

struct AdminParityTest : ApiTest {};

const std::string catalogue = small_network + R"(---
kind: Region
metadata: {name: us-east-1}
spec: {country: US, latitude: 39, longitude: -77}
---
kind: Zone
metadata: {name: us-east-1a}
spec: {region: us-east-1}
---
kind: Model
metadata: {name: small}
spec:
  digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  context: 2048
  features: [chat, running-usage]
---
kind: Deployment
metadata: {name: small.eu-central-1a}
spec:
  model: small
  zone: eu-central-1a
  engines: [{kind: openai, url: "http://127.0.0.1:9"}]
)";

// "model not_deployed", "feature running-usage engine_lacks", of one region.
std::vector<std::string> gaps_of(const Called& called, std::string_view region) {
  std::vector<std::string> gaps;
  for (const auto& gap : *called.json.find("gaps")->as_array()) {
    if (*gap.find("region")->as_string() != region) continue;
    std::string text = *gap.find("item")->as_string();
    if (const auto* feature = gap.find("feature")) text += " " + *feature->as_string();
    gaps.push_back(text + " " + *gap.find("missing")->as_string());
  }
  return gaps;
}

using Lines = std::vector<std::string>;

Task<void> tell(ApiStage& stage, world::EngineTally engines) {
  auto request = poll_holding_all(stage.control);
  request.engines = std::move(engines);
  request.wait_ms = 0;
  const auto answer = co_await stage.control.poll(std::move(request));
  EXPECT_TRUE(answer);
}

TEST_F(AdminParityTest, WithoutAWorldThereIsNothingToMeasure) {
  play([](ApiStage& stage) -> Task<void> {
    const auto early = co_await call(stage, "GET", "/admin/v1/parity");
    EXPECT_EQ(early.status, 404) << early.answer.body;
    const auto stranger = co_await call(stage, "GET", "/admin/v1/products", "", "");
    EXPECT_EQ(stranger.status, 401);
  });
}

TEST_F(AdminParityTest, APlaceOrModelThatThereIsNotIsNamed) {
  play([](ApiStage& stage) -> Task<void> {
    const auto applied = co_await call(stage, "POST", "/admin/v1/apply", catalogue);
    EXPECT_EQ(applied.status, 200) << applied.answer.body;
    for (const std::string path : {"/admin/v1/parity", "/admin/v1/products"}) {
      const auto region = co_await call(stage, "GET", path + "?region=us-east-2");
      EXPECT_EQ(region.status, 400);
      EXPECT_NE(region.answer.body.find("Did you mean 'us-east-1'?"), std::string::npos)
          << region.answer.body;
      const auto zone = co_await call(stage, "GET", path + "?region=us-east-1a");
      EXPECT_EQ(zone.status, 400);
      const auto model = co_await call(stage, "GET", path + "?model=smal");
      EXPECT_NE(model.answer.body.find("Did you mean 'small'?"), std::string::npos);
    }
  });
}

TEST_F(AdminParityTest, SaysWhatIsMissingAsGatewaysTellOfIt) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", catalogue);
    const auto silent = co_await call(stage, "GET", "/admin/v1/parity");
    EXPECT_EQ(gaps_of(silent, "eu-central-1"), Lines{"model not_heard"});
    EXPECT_EQ(gaps_of(silent, "us-east-1"), Lines{"model not_deployed"});
    co_await tell(stage, {2, 0});
    const auto down = co_await call(stage, "GET", "/admin/v1/parity");
    EXPECT_EQ(gaps_of(down, "eu-central-1"), Lines{"model unhealthy"});
    co_await tell(stage, {2, 1});
    const auto served = co_await call(stage, "GET", "/admin/v1/parity?region=eu");
    EXPECT_EQ(gaps_of(served, "eu-central-1"), Lines{"feature running-usage engine_lacks"});
    // The model, two features, its context.
    EXPECT_EQ(served.json.find("whole")->find("wanted")->as_uint64(), 4u);
    EXPECT_EQ(served.json.find("whole")->find("percent")->as_double(), 75.0);
    EXPECT_EQ(served.json.find("regions")->as_array()->size(), 1u);
    const Status slept = co_await runtime::sleep_for(stage.shard, Duration::seconds(6));
    EXPECT_TRUE(slept);
    const auto gone = co_await call(stage, "GET", "/admin/v1/parity");
    EXPECT_EQ(gaps_of(gone, "eu-central-1"), Lines{"model not_heard"});
  });
}

TEST_F(AdminParityTest, ATargetSaysWhatIsOverdue) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", catalogue + R"(---
kind: ParityTarget
metadata: {name: long-ago}
spec: {models: [small], regions: ["country:US"], by: 2001-01-01}
)");
    const auto said = co_await call(stage, "GET", "/admin/v1/parity");
    EXPECT_EQ(said.json.find("regions")->as_array()->size(), 2u);
    const auto& gaps = *said.json.find("gaps")->as_array();
    EXPECT_EQ(gaps.size(), 1u);
    EXPECT_EQ(*gaps[0].find("target")->as_string(), "long-ago");
    EXPECT_EQ(*gaps[0].find("by")->as_string(), "2001-01-01");
    EXPECT_TRUE(*gaps[0].find("overdue")->as_bool());
    // The model itself, and with it two features and its context.
    EXPECT_EQ(gaps[0].find("items")->as_uint64(), 4u);
    EXPECT_EQ(said.json.find("whole")->find("overdue")->as_uint64(), 4u);
  });
}

TEST_F(AdminParityTest, ProductsSayWhereEachModelIs) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", catalogue + R"(---
kind: Rule
metadata: {name: not-in-us}
spec: {deny: {to: {country: [US]}}}
)");
    co_await tell(stage, {1, 1});
    const auto said = co_await call(stage, "GET", "/admin/v1/products");
    const auto& product = said.json.find("products")->as_array()->at(0);
    EXPECT_EQ(product.find("context")->as_uint64(), 2048u);
    const auto& regions = *product.find("regions")->as_array();
    EXPECT_TRUE(*regions.at(0).find("has")->as_bool());
    EXPECT_EQ(regions.at(0).find("slots")->as_uint64(), 4u);
    EXPECT_EQ(*regions.at(1).find("missing")->as_string(), "denied_by_rule");
    EXPECT_EQ(*regions.at(1).find("rules")->as_array()->at(0).as_string(), "not-in-us");
  });
}

const std::string priced = catalogue + R"(---
kind: PriceBook
metadata: {name: list}
spec:
  currency: USD
  from: 2020-01-01
  items:
  - {model: small, input_per_million: "0.1", output_per_million: "0.2", regions: [us-east-1]}
  - {model: small, input_per_million: "0.15", output_per_million: "0.2", regions: [eu-central-1]}
---
kind: PriceBook
metadata: {name: later}
spec: {currency: EUR, from: 2200-01-01, items: []}
---
kind: ParityTarget
metadata: {name: t}
spec: {models: [small], regions: ["*"], features: [chat],
  prices: {currency: USD, percent_above_cheapest: 20}}
)";

TEST_F(AdminParityTest, APriceIsMissingOrTooDear) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", priced);
    co_await tell(stage, {1, 1});
    const auto said = co_await call(stage, "GET", "/admin/v1/parity?region=eu");
    EXPECT_EQ(gaps_of(said, "eu-central-1"), Lines{"input_price too_dear"}) << said.answer.body;
    const auto& gap = said.json.find("gaps")->as_array()->at(0);
    EXPECT_EQ(*gap.find("price")->as_string(), "0.15");
    EXPECT_EQ(*gap.find("price_max")->as_string(), "0.12");
    EXPECT_EQ(*gap.find("currency")->as_string(), "USD");
    auto other = priced;
    other.replace(other.find("prices: {currency: USD"), 22, "prices: {currency: CNY");
    co_await call(stage, "POST", "/admin/v1/apply", other);
    const auto none = co_await call(stage, "GET", "/admin/v1/parity?region=eu");
    EXPECT_EQ(gaps_of(none, "eu-central-1"), Lines{"price no_price"}) << none.answer.body;
  });
}

TEST_F(AdminParityTest, ProductsAndCataloguesSayWhatAModelCosts) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", priced);
    co_await tell(stage, {1, 1});
    const auto said = co_await call(stage, "GET", "/admin/v1/products?region=eu");
    const auto& product = said.json.find("products")->as_array()->at(0);
    const auto* prices = product.find("regions")->as_array()->at(0).find("prices");
    EXPECT_TRUE(prices != nullptr) << said.answer.body;
    if (prices == nullptr) co_return;
    EXPECT_EQ(wire::render_canonical(*prices),
              R"([{"book":"list","currency":"USD","input_per_million":"0.15",)"
              R"("output_per_million":"0.2"}])");
    const auto signed_one = co_await call(stage, "GET", "/admin/v1/catalogue/eu-central-1");
    const auto verified =
        seal::verify_catalogue(signed_one.answer.body.substr(0, signed_one.answer.body.find('\n')),
                               root_key().verify_key());
    EXPECT_TRUE(verified);
    if (!verified) co_return;
    EXPECT_EQ(*verified->facts.models.as_array()->at(0).find("prices"), *prices);
  });
}

TEST_F(AdminParityTest, NoCatalogueIsSignedOfARegionThatThereIsNot) {
  play([](ApiStage& stage) -> Task<void> {
    const auto early = co_await call(stage, "GET", "/admin/v1/catalogue/eu-central-1");
    EXPECT_EQ(early.status, 404) << early.answer.body;
    co_await call(stage, "POST", "/admin/v1/apply", catalogue);
    const auto typo = co_await call(stage, "GET", "/admin/v1/catalogue/us-east-2");
    EXPECT_EQ(typo.status, 404);
    EXPECT_NE(typo.answer.body.find("Did you mean 'us-east-1'?"), std::string::npos);
    const auto group = co_await call(stage, "GET", "/admin/v1/catalogue/eu");
    EXPECT_EQ(group.status, 404);
    const auto stranger = co_await call(stage, "GET", "/admin/v1/catalogue/us-east-1", "", "");
    EXPECT_EQ(stranger.status, 401);
  });
}

TEST_F(AdminParityTest, ControlSignsWhatARegionOffers) {
  play([](ApiStage& stage) -> Task<void> {
    co_await call(stage, "POST", "/admin/v1/apply", catalogue);
    co_await tell(stage, {1, 1});
    const auto signed_one = co_await call(stage, "GET", "/admin/v1/catalogue/eu-central-1");
    const auto jws = signed_one.answer.body.substr(0, signed_one.answer.body.find('\n'));
    const auto verified = seal::verify_catalogue(jws, root_key().verify_key());
    EXPECT_TRUE(verified) << verified.error().message;
    if (!verified) co_return;
    EXPECT_EQ(verified->facts.region, "eu-central-1");
    EXPECT_EQ(verified->facts.world_hash, stage.control.state().numbers.world_hash);
    const auto& model = verified->facts.models.as_array()->at(0);
    EXPECT_TRUE(*model.find("served")->as_bool());
    EXPECT_EQ(model.find("slots")->as_uint64(), 4u);
    EXPECT_EQ(*model.find("lacks")->as_array()->at(0).as_string(), "running-usage");
    const auto other = co_await call(stage, "GET", "/admin/v1/catalogue/us-east-1");
    const auto away = seal::verify_catalogue(
        other.answer.body.substr(0, other.answer.body.find('\n')), root_key().verify_key());
    EXPECT_TRUE(away) << away.error().message;
    if (!away) co_return;
    const auto& missing = away->facts.models.as_array()->at(0);
    EXPECT_EQ(*missing.find("missing")->as_string(), "not_deployed");
  });
}

}  // namespace
}  // namespace portolan::control

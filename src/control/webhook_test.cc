#include "control/webhook.h"

#include "control/control_stage_test_support.h"
#include "http/server.h"
#include "runtime/gate.h"
#include "runtime/wait.h"
#include "wire/json_value.h"

namespace portolan::control {
namespace {

using namespace testing;

const std::string catalogue = small_network + R"(---
kind: Model
metadata: {name: small}
spec:
  digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  context: 2048
  features: [chat]
---
kind: Deployment
metadata: {name: small.eu-central-1a}
spec:
  model: small
  zone: eu-central-1a
  engines: [{kind: openai, url: "http://127.0.0.1:9"}]
)";

const std::string secret = "0123456789abcdef";

// What a receiver does with events.
enum class Manner : std::uint8_t { takes, fails, redirects, hangs, never_ends };

class Receiver final : public http::Handler {
 public:
  explicit Receiver(runtime::Shard& shard) : shard_(shard) {}

  runtime::Task<void> handle(http::Exchange& exchange) override {
    const auto body = co_await exchange.read_body(100'000);
    if (!body) co_return;
    bodies.push_back(*body);
    signature = exchange.head().fields.find("portolan-signature").value_or("");
    http::OwnedFields fields;
    std::string answer(200, 'x');
    if (manner == Manner::hangs) {
      (void)co_await runtime::sleep_for(shard_, Duration::hours(1));
      co_return;
    }
    if (manner == Manner::never_ends) {
      (void)co_await exchange.begin(200, fields);
      for (bool more = true; more;) {
        const Status sent = co_await exchange.send(answer);
        more = sent.has_value();
      }
      co_return;
    }
    if (manner == Manner::redirects) fields.push_back({"location", "http://receiver:80/other"});
    const int status = manner == Manner::takes ? 204 : manner == Manner::fails ? 500 : 302;
    if (manner == Manner::takes) answer.clear();
    (void)co_await exchange.respond(status, fields, answer);
  }
  http::OwnedFields render_fault(const Fault&, std::string&) override { return {}; }

  std::string id(std::size_t at) const {
    return *wire::parse_json(bodies.at(at)).value().find("id")->as_string();
  }
  std::string type(std::size_t at) const {
    return *wire::parse_json(bodies.at(at)).value().find("type")->as_string();
  }

  Manner manner = Manner::takes;
  std::vector<std::string> bodies;
  std::string signature;

 private:
  runtime::Shard& shard_;
};

// Control with a gateway that polls as long as it is up, a receiver on another machine, and the
// webhook between them, which can be ended as by the death of control.
struct Wired {
  explicit Wired(Stage& on)
      : stage(on),
        machine(
            static_cast<virtual_time::VirtualShard&>(on.shard).universe().add_machine("receiver")),
        receiver(machine) {
    open_receiver();
    begin();
  }

  void let_gateway_poll() {
    polls = std::make_unique<runtime::Gate>(stage.shard, 1);
    check(polls->start(keep_polling(*this)), "a new gate is open");
  }

  void open_receiver() {
    server = std::make_unique<http::Server>(machine, receiver, http::ServerOptions());
    server->serve(std::move(*machine.network().listen({{"receiver", 80}, false, nullptr})));
  }

  static WebhookPlace place() {
    return {{.tls = false, .host = "receiver", .port = 80, .path_prefix = "/in"}, secret};
  }

  void begin() {
    webhook =
        std::make_unique<Webhook>(stage.shard, *stage.control, *stage.store, place(), nullptr);
    work = std::make_unique<runtime::Gate>(stage.shard, 2);
    check(work->start(webhook->observe()) && work->start(webhook->deliver()), "a new gate is open");
  }

  static Task<void> keep_polling(Wired& wired) {
    for (;;) {
      const Status slept =
          co_await runtime::sleep_for(wired.stage.shard, Duration::milliseconds(500));
      if (!slept) co_return;
      if (!wired.gateway_up) continue;
      Control& polled = wired.polled != nullptr ? *wired.polled : *wired.stage.control;
      auto request = poll_holding_all(polled);
      request.engines = world::EngineTally{1, wired.engines_up ? 1u : 0u};
      request.wait_ms = 0;
      const auto answer = co_await polled.poll(std::move(request));
      if (!answer) co_return;
    }
  }

  Stage& stage;
  virtual_time::VirtualShard& machine;
  Receiver receiver;
  std::unique_ptr<http::Server> server;
  std::unique_ptr<runtime::Gate> polls;
  std::unique_ptr<Webhook> webhook;
  std::unique_ptr<runtime::Gate> work;
  Control* polled = nullptr;  // nothing: the stage's
  bool engines_up = true;
  bool gateway_up = true;
};

Task<void> end_webhook(Wired& wired) {
  co_await wired.work->close();
  co_await wired.webhook->close();
}

Task<void> pass(Wired& wired, std::int64_t seconds) {
  const Status slept = co_await runtime::sleep_for(wired.stage.shard, Duration::seconds(seconds));
  check(slept.has_value(), "nobody calls it off");
}

// A new process on the same store; gateways find it after a while.
Task<void> restart(Wired& wired) {
  co_await end_webhook(wired);
  co_await wired.polls->close();
  co_await reopen(wired.stage);
  wired.begin();
  co_await pass(wired, 4);
  wired.let_gateway_poll();
}

struct WebhookTest : ::testing::Test {
  using Story = Task<void> (*)(Wired& wired);

  // Begins where all is told; the gateway comes between the first two looks.
  static void play(Story story) {
    static Story now;
    now = story;
    ControlStage::play([](Stage& stage) -> Task<void> {
      (void)co_await apply(stage, catalogue);
      Wired wired(stage);
      co_await pass(wired, 4);
      wired.let_gateway_poll();
      co_await pass(wired, 11);
      EXPECT_EQ(wired.receiver.bodies.size(), 0u) << "what is there at first is no event";
      co_await now(wired);
      co_await end_webhook(wired);
      co_await wired.polls->close();
      co_await wired.server->close();
    });
  }
};

using Lines = std::vector<std::string>;

Lines types(const Receiver& receiver) {
  Lines types;
  for (std::size_t i = 0; i < receiver.bodies.size(); ++i) types.push_back(receiver.type(i));
  return types;
}

Task<std::size_t> waiting(Wired& wired) {
  const auto events = co_await wired.webhook->waiting();
  co_return events.value();
}

// One that does not take an event keeps it, is asked ever more seldom, and holds up nobody.
Task<void> be_patient_with(Wired& wired, Manner manner) {
  wired.receiver.manner = manner;
  wired.engines_up = false;
  co_await pass(wired, 60);
  const auto tries = wired.receiver.bodies.size();
  EXPECT_TRUE(tries >= 2 && tries <= 7) << tries;
  EXPECT_EQ(wired.webhook->tally().delivered, 0u);
  const Instant before = wired.stage.shard.now();
  (void)co_await apply(wired.stage, small_network);
  EXPECT_LE(wired.stage.shard.now() - before, Duration::milliseconds(100));
  wired.receiver.manner = Manner::takes;
  co_await pass(wired, 90);
  EXPECT_EQ(wired.webhook->tally().delivered, 1u);
  const auto left = co_await waiting(wired);
  EXPECT_EQ(left, 0u);
  for (std::size_t i = 0; i < wired.receiver.bodies.size(); ++i) {
    EXPECT_EQ(wired.receiver.bodies[i], wired.receiver.bodies[0]) << "the same, id and all";
  }
}

TEST_F(WebhookTest, AnErrorIsNoDelivery) {
  play([](Wired& wired) -> Task<void> { co_await be_patient_with(wired, Manner::fails); });
}

TEST_F(WebhookTest, ARedirectIsNotFollowed) {
  play([](Wired& wired) -> Task<void> { co_await be_patient_with(wired, Manner::redirects); });
}

TEST_F(WebhookTest, AReceiverThatHangsHoldsUpNobody) {
  play([](Wired& wired) -> Task<void> { co_await be_patient_with(wired, Manner::hangs); });
}

TEST_F(WebhookTest, AnAnswerWithoutEndIsNotRead) {
  play([](Wired& wired) -> Task<void> {
    wired.receiver.manner = Manner::never_ends;
    wired.engines_up = false;
    co_await pass(wired, 30);
    EXPECT_EQ(types(wired.receiver), Lines{"model.leaves"});
    EXPECT_EQ(wired.webhook->tally().delivered, 1u);
    EXPECT_EQ(wired.webhook->tally().failures, 0u);
  });
}

TEST_F(WebhookTest, EventsWaitForAReceiverThatIsDown) {
  play([](Wired& wired) -> Task<void> {
    co_await wired.server->close();
    wired.engines_up = false;
    co_await pass(wired, 30);
    wired.engines_up = true;
    co_await pass(wired, 30);
    const auto kept = co_await waiting(wired);
    EXPECT_EQ(kept, 2u);
    EXPECT_GE(wired.webhook->tally().failures, 3u);
    wired.open_receiver();
    co_await pass(wired, 90);
    EXPECT_EQ(types(wired.receiver), (Lines{"model.leaves", "model.appears"}));
  });
}

TEST_F(WebhookTest, WhatWasNotTakenIsPostedAgainAfterARestart) {
  play([](Wired& wired) -> Task<void> {
    // It has it, and control dies before it hears so.
    wired.receiver.manner = Manner::hangs;
    wired.engines_up = false;
    co_await pass(wired, 9);
    EXPECT_EQ(wired.receiver.bodies.size(), 1u);
    wired.receiver.manner = Manner::takes;
    co_await restart(wired);
    co_await pass(wired, 30);
    EXPECT_EQ(types(wired.receiver), (Lines{"model.leaves", "model.leaves"}));
    EXPECT_EQ(wired.receiver.id(0), wired.receiver.id(1));
    // What changed while it was away is told, what did not is not told again.
    co_await end_webhook(wired);
    wired.engines_up = true;
    co_await pass(wired, 30);
    wired.begin();
    co_await pass(wired, 30);
    EXPECT_EQ(types(wired.receiver), (Lines{"model.leaves", "model.leaves", "model.appears"}));
    EXPECT_NE(wired.receiver.id(1), wired.receiver.id(2));
  });
}

TEST_F(WebhookTest, WhatChangesAtOnceIsAllPosted) {
  play([](Wired& wired) -> Task<void> {
    (void)co_await apply(wired.stage, R"(apiVersion: portolan/v1
kind: Model
metadata: {name: large}
spec: {digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
       context: 2048, features: [chat]}
---
kind: Deployment
metadata: {name: large.eu-central-1a}
spec: {model: large, zone: eu-central-1a, engines: [{kind: openai, url: "http://127.0.0.1:9"}]}
)");
    co_await pass(wired, 15);
    EXPECT_EQ(types(wired.receiver), Lines{"model.appears"});
    wired.engines_up = false;
    co_await pass(wired, 15);
    EXPECT_EQ(types(wired.receiver), (Lines{"model.appears", "model.leaves", "model.leaves"}));
    EXPECT_NE(wired.receiver.id(1), wired.receiver.id(2));
  });
}

TEST_F(WebhookTest, ARestartOfControlIsNoEvent) {
  play([](Wired& wired) -> Task<void> {
    co_await restart(wired);
    co_await pass(wired, 30);
    EXPECT_EQ(types(wired.receiver), Lines{});
  });
}

Task<void> put_event(Wired& wired, std::string value) {
  store::Transaction transaction;
  transaction.puts.push_back(
      {.key = "webhook/event/00000000000000000001", .value = std::move(value), .lease = 0});
  const auto kept = co_await wired.stage.store->commit(std::move(transaction));
  EXPECT_TRUE(kept);
}

// Of which the gateway polls the first.
TEST_F(WebhookTest, OfSeveralControlsOnePostsAndAnotherOneTakesItOn) {
  play([](Wired& wired) -> Task<void> {
    auto& shard = wired.stage.shard;
    const auto other = co_await Control::open(shard, *wired.stage.store, options_of("net"));
    runtime::Gate following(shard, 2);
    check(following.start(wired.stage.control->follow()) && following.start((*other)->follow()),
          "a new gate is open");
    co_await pass(wired, 2);
    Webhook second(shard, **other, *wired.stage.store, wired.place(), nullptr);
    runtime::Gate its_work(shard, 2);
    check(its_work.start(second.observe()) && its_work.start(second.deliver()),
          "a new gate is open");
    wired.engines_up = false;
    co_await pass(wired, 30);
    EXPECT_EQ(types(wired.receiver), Lines{"model.leaves"});
    EXPECT_EQ(wired.webhook->tally().delivered, 1u);
    co_await end_webhook(wired);
    co_await put_event(wired, R"({"id":"evt_1","type":"model.appears"})");
    co_await pass(wired, 30);
    EXPECT_EQ(types(wired.receiver), (Lines{"model.leaves", "model.appears"}));
    EXPECT_EQ(second.tally().delivered, 1u);
    co_await its_work.close();
    co_await second.close();
    co_await following.close();
    wired.begin();
  });
}

// The region is lost as a whole, with the control that its gateway polled.
TEST_F(WebhookTest, ARegionLostWithItsControlIsTold) {
  play([](Wired& wired) -> Task<void> {
    auto& shard = wired.stage.shard;
    auto& first = *wired.stage.control;
    const auto other = co_await Control::open(shard, *wired.stage.store, options_of("net"));
    runtime::Gate here(shard, 2);
    runtime::Gate there(shard, 2);
    check(here.start(first.follow()) && here.start(first.tell_others()), "a new gate is open");
    check(there.start((*other)->follow()) && there.start((*other)->tell_others()), "it is");
    wired.polled = other->get();
    co_await pass(wired, 30);
    EXPECT_EQ(types(wired.receiver), Lines{});
    wired.gateway_up = false;
    co_await there.close();
    co_await pass(wired, 120);
    EXPECT_EQ(types(wired.receiver), Lines{"model.leaves"});
    co_await here.close();
  });
}

TEST_F(WebhookTest, AnEventThatNobodyTookForADayIsGivenUp) {
  play([](Wired& wired) -> Task<void> {
    wired.receiver.manner = Manner::fails;
    co_await put_event(wired, R"({"id":"evt_1","time":"2025-12-30T23:00:00Z"})");
    co_await pass(wired, 10);
    EXPECT_EQ(wired.webhook->tally().given_up, 1u);
    const auto left = co_await waiting(wired);
    EXPECT_EQ(left, 0u);
  });
}

TEST_F(WebhookTest, AnEventSaysWhoSignedIt) {
  play([](Wired& wired) -> Task<void> {
    wired.gateway_up = false;
    co_await pass(wired, 30);
    EXPECT_EQ(wired.receiver.bodies.size(), 1u);
    const auto event = wire::parse_json(wired.receiver.bodies.at(0)).value();
    EXPECT_EQ(*event.find("how")->as_string(), "control hears of no gateway where it is");
    WebhookPlace place{{}, secret};
    EXPECT_EQ(wired.receiver.signature, webhook_signature(place, wired.receiver.bodies.at(0)));
    place.secret = "another";
    EXPECT_NE(wired.receiver.signature, webhook_signature(place, wired.receiver.bodies.at(0)));
  });
}

TEST(WebhookPause, GrowsToItsBound) {
  EXPECT_EQ(webhook_pause(1), Duration::seconds(1));
  EXPECT_EQ(webhook_pause(4), Duration::seconds(8));
  EXPECT_EQ(webhook_pause(9), Duration::seconds(256));
  EXPECT_EQ(webhook_pause(10), webhook_pause_ms_max.milliseconds());
  EXPECT_EQ(webhook_pause(1'000'000), webhook_pause_ms_max.milliseconds());
}

}  // namespace
}  // namespace portolan::control

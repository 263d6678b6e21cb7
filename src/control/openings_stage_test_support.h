#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "control/openings.h"
#include "control/rollout_stage_test_support.h"

// For tests: openings on a control in virtual time, and gateways of the place that is opened.
namespace portolan::control::testing {

// What one control process has for them.
struct OpeningsAt {
  OpeningsAt(runtime::Shard& on, Control& control, store::ControlStore& store)
      : shard(on),
        inspecting(on, nullptr),
        meter(on, control, "net", {}, nullptr),
        look(on, control, {store, inspecting, meter, nullptr}),
        openings(on, control, store, look),
        work(on, 1) {}

  void begin() { check(work.start(openings.run()), "a new gate is open"); }
  Task<void> end() {
    co_await work.close();
    co_await meter.close();
  }

  runtime::Shard& shard;
  InspectClient inspecting;
  MeterClient meter;
  OpeningLook look;
  Openings openings;
  runtime::Gate work;
};

// Region mx-1 with two zones. `spec`: of the Opening, beside its region.
inline std::string mexico(const std::string& spec = "") {
  return region_text("mx-1", "MX", {"mx-1a", "mx-1b"}) +
         "---\napiVersion: portolan/v1\nkind: Opening\nmetadata: {name: mexico}\n"
         "spec: {region: mx-1" +
         spec + "}\n";
}

inline std::string skip_all() {
  std::string text = ", skip: [";
  for (const auto gate : model::gate_names) {
    if (text.back() == '}') text += ", ";
    text += "{gate: " + std::string(gate) + ", reason: a test}";
  }
  return text + "]";
}

inline const Actor operator_1{.admin = "0123456789ab", .request = "ctl-1", .reason = "because"};

inline Task<Result<Openings::Opened>> open(OpeningsAt& at, std::string text, bool dry_run = false) {
  OpenRequest request{.source = "mexico.yaml", .text = std::move(text), .dry_run = dry_run};
  Actor by = operator_1;
  auto opened = co_await at.openings.open(std::move(request), std::move(by));
  co_return opened;
}

inline Task<OpeningRecord> record_of(OpeningsAt& at, std::string name = "mexico") {
  auto found = co_await at.openings.find(std::move(name));
  co_return found ? std::move(*found) : OpeningRecord{};
}

inline std::string_view phase_name(const OpeningRecord& record) {
  return opening_phase_names[static_cast<std::size_t>(record.phase)];
}

// Until it is there and nothing is closing any more; at most so many seconds.
inline Task<OpeningRecord> wait_for_phase(Stage& stage, OpeningsAt& at, OpeningPhase phase,
                                          int seconds) {
  OpeningRecord record;
  for (int i = 0; i < seconds; ++i) {
    record = co_await record_of(at);
    if (record.phase == phase && !record.closing) break;
    co_await wait(stage, 1);
  }
  co_return record;
}

inline bool has_rule(const Control& control) {
  const auto& contents = *control.state().contents;
  return world::find(contents, world::Kind::rule, "opening-mexico").has_value();
}

inline bool is_drained(const Control& control) {
  return control.state().restrictions.drained.contains("mx-1");
}

inline std::uint32_t share_of(const Control& control, const std::string& name) {
  const auto zone = world::find(*control.state().contents, world::Kind::zone, name);
  return zone ? std::get<model::Zone>(*zone).share : 0;
}

// The network of three regions, on a control that sends Worlds to all at once, and
// gateways of the place that poll it.
struct OpeningsStage : ControlStage {
  using Plot = Task<void> (*)(Stage& stage, OpeningsAt& at);

  static void act(Plot plot) {
    plot_ = plot;
    play([](Stage& stage) -> Task<void> {
      co_await apply(stage, three_regions);
      OpeningsAt at(stage.shard, *stage.control, *stage.store);
      at.begin();
      co_await plot_(stage, at);
      co_await at.end();
    });
  }

 private:
  static inline Plot plot_ = nullptr;
};

// While there is one, gateways of both zones poll and serve.
struct Mexicans {
  explicit Mexicans(Stage& stage) : polling(stage.shard, 4) {
    gateways = {{"g-mx-1a", "mx-1a"}, {"g-mx-1b", "mx-1b"}, {"g-eu-1a", "eu-1a"}};
    for (auto& gateway : gateways) check(polling.start(poll_on(stage, gateway)), "a gate");
  }
  Task<void> leave() { co_await polling.close(); }

  std::deque<PollingGateway> gateways;
  runtime::Gate polling;
};

}  // namespace portolan::control::testing

#pragma once

#include <gtest/gtest.h>

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "control/opening_facts_test_support.h"
#include "control/opening_gate.h"

// For tests: what is wrong with a place that is sound else, and the one gate that finds it.
namespace portolan::control::testing {

struct Flaw {
  std::string_view name;
  std::string_view subject;   // a part of the finding's
  std::string_view sentence;  // the same
  void (*make)(OpeningFacts& facts);
};

inline std::string shown(const GateVerdict& verdict) {
  std::string text;
  for (const auto& finding : verdict.findings) {
    text += finding.subject + ": " + finding.sentence + "\n";
  }
  return text;
}

inline bool names(const GateVerdict& verdict, std::string_view subject, std::string_view sentence) {
  return std::ranges::any_of(verdict.findings, [&](const GateFinding& finding) {
    return finding.subject.contains(subject) && finding.sentence.contains(sentence);
  });
}

inline void expect_sentences(const GateVerdict& verdict) {
  for (const auto& finding : verdict.findings) {
    EXPECT_TRUE(finding.sentence.ends_with('.')) << finding.sentence;
    EXPECT_FALSE(finding.sentence.contains("..")) << finding.sentence;
    EXPECT_FALSE(finding.subject.empty()) << finding.sentence;
  }
  for (const auto& sentence : verdict.evidence) EXPECT_TRUE(sentence.ends_with('.')) << sentence;
}

// That gate names it, and no other gate finds anything: without that one it would get through.
inline void expect_caught(model::Gate by, std::span<const Flaw> flaws) {
  std::set<std::string_view> known;
  for (const Flaw& flaw : flaws) {
    SCOPED_TRACE(flaw.name);
    EXPECT_TRUE(known.insert(flaw.name).second) << "is there twice";
    OpeningFacts facts = sound_facts();
    flaw.make(facts);
    for (std::size_t i = 0; i < model::gate_names.size(); ++i) {
      const auto gate = static_cast<model::Gate>(i);
      const auto verdict = judge(gate, facts);
      expect_sentences(verdict);
      if (gate != by) {
        EXPECT_TRUE(verdict.findings.empty()) << model::name_of(gate) << " finds\n"
                                              << shown(verdict);
        continue;
      }
      EXPECT_TRUE(names(verdict, flaw.subject, flaw.sentence)) << model::name_of(gate) << " finds\n"
                                                               << shown(verdict);
    }
  }
}

inline void change(OpeningFacts& facts, void (*how)(world::Contents& contents)) {
  auto changed = std::make_shared<world::Contents>(*facts.contents);
  how(*changed);
  facts.contents = std::move(changed);
}

inline ParityGap gap_of(std::string model, policy::Missing missing, policy::ParityItem item = {}) {
  ParityGap gap;
  gap.region = "mexico";
  gap.model = std::move(model);
  gap.item = std::move(item);
  gap.missing = missing;
  return gap;
}

template <class Value>
Value& element(std::vector<Value>& values, std::string_view name, std::string Value::* by) {
  const auto found = std::ranges::find(values, name, by);
  check(found != values.end(), "a test names what is there");
  return *found;
}

inline GatewayLook& look_at(OpeningFacts& facts, std::string_view gateway) {
  return element(facts.looks, gateway, &GatewayLook::gateway);
}
inline world::Inspection& said_by(OpeningFacts& facts, std::string_view gateway) {
  return look_at(facts, gateway).found->said;
}
inline world::PeerReach& reach(OpeningFacts& facts, std::string_view from, std::string_view to) {
  return element(said_by(facts, from).peers, to, &world::PeerReach::gateway);
}
inline GatewayHeard& heard_from(OpeningFacts& facts, std::string_view gateway) {
  return element(facts.heard, gateway, &GatewayHeard::gateway);
}
inline world::EngineInspection& engine_at(OpeningFacts& facts, std::string_view url) {
  for (auto& look : facts.looks) {
    for (auto& engine : look.found->said.engines) {
      if (engine.url == url) return engine;
    }
  }
  fail_check("a test names what is there", std::source_location::current());
}

}  // namespace portolan::control::testing

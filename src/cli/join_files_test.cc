#include "cli/join_files.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace portolan::cli {
namespace {

JoinedMachine gateway() {
  return {.network = "net",
          .role = "gateway",
          .id = "gw-1",
          .zone = "eu-central-1a",
          .identity = "spiffe://net/zone/eu-central-1a/gateway/gw-1",
          .ends = "2027-01-01",
          .control = "10.0.0.1:7401",
          .meters = {"10.0.0.2:7402", "10.0.0.3:7402"},
          .url = "http://10.0.0.9:8081",
          .hop = "10.0.0.9:9000"};
}

// The word behind a flag, each time that it stands.
std::vector<std::string> behind(const std::vector<std::string>& words, const std::string& flag) {
  std::vector<std::string> found;
  for (auto at = words.begin(); (at = std::find(at, words.end(), flag)) != words.end(); ++at) {
    found.push_back(*std::next(at));
  }
  return found;
}

using Words = std::vector<std::string>;

TEST(JoinFiles, WhatIsDamagedIsNoMachine) {
  EXPECT_FALSE(parse_machine(""));
  EXPECT_FALSE(parse_machine("{}"));
  auto text = render_machine(gateway());
  EXPECT_FALSE(parse_machine(text.substr(0, text.size() / 2)));
}

TEST(JoinFiles, AMachineReadsBackAsItWas) {
  EXPECT_EQ(*parse_machine(render_machine(gateway())), gateway());
}

TEST(StartCommand, ListensWhereTheWorldSaysUnlessToldElse) {
  const JoinFiles files{"/srv/gw"};
  const auto words = start_command(gateway(), files, {}, "portolan");
  EXPECT_EQ(words[1], "gateway");
  EXPECT_EQ(behind(words, "--hop"), Words{"10.0.0.9:9000"});
  EXPECT_EQ(behind(words, "--listen"), Words{"10.0.0.9:8081"});
  EXPECT_EQ(behind(words, "--meter"), (Words{"10.0.0.2:7402", "10.0.0.3:7402"}));
  EXPECT_EQ(behind(words, "--tls-key"), Words{"/srv/gw/machine.key"});
  const auto told = start_command(gateway(), files, {"1.2.3.4:80", "1.2.3.4:81"}, "portolan");
  EXPECT_EQ(behind(told, "--hop"), Words{"1.2.3.4:81"});
  EXPECT_EQ(behind(told, "--listen"), Words{"1.2.3.4:80"});
}

TEST(StartCommand, OfAGatewayThatTheWorldDoesNotNameListensEverywhere) {
  auto machine = gateway();
  machine.hop.clear();
  machine.url = "https://behind.a.balancer.example";
  const auto words = start_command(machine, JoinFiles{"/srv/gw"}, {}, "portolan");
  EXPECT_TRUE(behind(words, "--hop").front().starts_with("0.0.0.0:"));
  EXPECT_TRUE(behind(words, "--listen").front().starts_with("0.0.0.0:"));
}

TEST(StartCommand, OfAMeterNamesNoControl) {
  auto machine = gateway();
  machine.role = "meter";
  const auto words = start_command(machine, JoinFiles{"/srv/m"}, {}, "portolan");
  EXPECT_TRUE(behind(words, "--control").empty());
  EXPECT_TRUE(behind(words, "--zone").empty());
  EXPECT_EQ(behind(words, "--listen").size(), 1u);
}

TEST(StartCommand, OfAControlSignsByTheKeyInItsFolder) {
  auto machine = gateway();
  machine.role = "control";
  machine.public_key = std::string(64, 'a');
  EXPECT_EQ(*parse_machine(render_machine(machine)), machine);
  const auto words = start_command(machine, JoinFiles{"/srv/c"}, {}, "portolan");
  EXPECT_EQ(behind(words, "--signing-key"), Words{"/srv/c/control.key"});
  EXPECT_EQ(behind(words, "--certificate"), Words{"/srv/c/control.certificate"});
}

}  // namespace
}  // namespace portolan::cli

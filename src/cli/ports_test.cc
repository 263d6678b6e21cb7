#include "cli/ports.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <rapidcheck/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>

namespace portolan::cli {
namespace {

bool always(std::uint16_t) { return true; }

TEST(Ports, AreRefusedWhenNoneIsLeft) {
  const auto ports = choose_ports({}, {"a"}, std::nullopt, [](std::uint16_t) { return false; });
  ASSERT_FALSE(ports);
  EXPECT_EQ(ports.error().code, Code::limit_exceeded);
  EXPECT_NE(ports.error().message.find("--base-port"), std::string::npos);
}

TEST(Ports, AreRefusedWhenTheirFileIsDamaged) {
  for (const char* text :
       {"", "[]", "{}", "{\"base\": 0, \"ports\": {}}", "{\"base\": 1, \"ports\": {\"a\": 65536}}",
        "{\"base\": 1, \"ports\": {\"a\": \"7\"}}"}) {
    EXPECT_FALSE(parse_ports(text)) << text;
  }
}

TEST(Ports, PassOverOnesThatAreTaken) {
  const auto is_free = [](std::uint16_t port) { return port != base_port_default; };
  const auto ports = choose_ports({}, {"a"}, std::nullopt, is_free);
  ASSERT_TRUE(ports);
  EXPECT_EQ(ports->of("a"), base_port_default + 1);
}

TEST(Ports, AreChosenAnewFromAnotherBase) {
  const auto first = choose_ports({}, {"a", "b"}, std::nullopt, always);
  const auto other = choose_ports(*first, {"a", "b"}, 20000, always);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->of("a"), 20000);
  EXPECT_EQ(other->of("b"), 20001);
}

TEST(Ports, KnowWhetherOneIsTaken) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  EXPECT_FALSE(port_is_free(ntohs(address.sin_port)));
  close(listener);
  EXPECT_TRUE(port_is_free(ntohs(address.sin_port)));
}

std::vector<std::string> names_of(const std::set<unsigned char>& numbers) {
  std::vector<std::string> names;
  for (const unsigned char number : numbers) names.push_back("zone-" + std::to_string(number));
  return names;
}

RC_GTEST_PROP(Ports, StayWhatTheyWereWhateverIsAddedOrTaken,
              (const std::set<unsigned char>& before, const std::set<unsigned char>& after)) {
  const auto first = choose_ports({}, names_of(before), std::nullopt, always);
  RC_ASSERT(first.has_value());
  const auto reread = parse_ports(render_ports(*first));
  RC_ASSERT(reread.has_value());
  RC_ASSERT(*reread == *first);
  const auto odd = [](std::uint16_t port) { return port % 2 == 1; };
  const auto second = choose_ports(*reread, names_of(after), std::nullopt, odd);
  RC_ASSERT(second.has_value());
  for (const auto& [name, port] : first->by_name) RC_ASSERT(second->of(name) == port);
  std::set<std::uint16_t> different;
  for (const auto& [name, port] : second->by_name) different.insert(port);
  RC_ASSERT(different.size() == second->by_name.size());
}

}  // namespace
}  // namespace portolan::cli

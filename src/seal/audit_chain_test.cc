#include "seal/audit_chain.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace portolan::seal {
namespace {

using Lines = std::vector<std::string>;

struct Log {
  Lines entries;
  ChainHead head;
};

Log log_of(std::size_t count, const std::string& network = "net") {
  Log log;
  for (std::size_t i = 0; i < count; ++i) {
    auto facts = wire::Json::object();
    facts.set("network", network);
    facts.set("act", i % 2 == 0 ? "apply" : "revoke-key");
    facts.set("reason", "quo\"ted, and \n a line");
    auto link = link_entry(log.head, facts);
    log.entries.push_back(std::move(link.text));
    log.head = std::move(link.head);
  }
  return log;
}

std::string exported(const Log& log) {
  auto text = render_export_head(log.head) + "\n";
  for (const auto& entry : log.entries) text += entry + "\n";
  return text;
}

// What is said of these entries; empty: nothing is wrong.
std::string said_of(const Lines& entries, std::optional<ChainHead> remembered = std::nullopt) {
  ChainCheck check(std::move(remembered));
  for (const auto& entry : entries) {
    const auto added = check.add(entry);
    if (!added) return added.error().message;
  }
  const auto ended = check.end();
  return ended ? "" : ended.error().message;
}

std::string said_of_file(const std::string& text) {
  ChainCheck check;
  const auto whole = check_export(text, check);
  return whole ? "" : whole.error().message;
}

TEST(AuditChain, EveryByteOfAnExportThatIsChangedIsFound) {
  const auto text = exported(log_of(2));
  EXPECT_EQ(said_of_file(text), "");
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto changed = text;
    changed[at] = static_cast<char>(changed[at] ^ (at % 2 == 0 ? 0x01 : 0x20));
    EXPECT_NE(said_of_file(changed), "") << at << ": " << changed;
  }
}

TEST(AuditChain, AnExportThatIsCutAnywhereIsFound) {
  const auto text = exported(log_of(2));
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_NE(said_of_file(text.substr(0, size)), "") << size;
  }
  EXPECT_NE(said_of_file(text + "\n"), "");
}

TEST(AuditChain, AChangedEntryIsNamed) {
  auto log = log_of(5);
  log.entries[2].replace(log.entries[2].find("apply"), 5, "apple");
  EXPECT_TRUE(said_of(log.entries).starts_with("Entry 3 was changed")) << said_of(log.entries);
}

TEST(AuditChain, ARemovedEntryIsNamed) {
  auto log = log_of(5);
  log.entries.erase(log.entries.begin() + 1);
  EXPECT_TRUE(said_of(log.entries).starts_with("Entry 2 is missing")) << said_of(log.entries);
  log.entries.erase(log.entries.begin());
  EXPECT_TRUE(said_of(log.entries).starts_with("Entry 1 is missing")) << said_of(log.entries);
}

TEST(AuditChain, MovedEntriesAreNamed) {
  auto log = log_of(5);
  std::swap(log.entries[1], log.entries[2]);
  EXPECT_TRUE(said_of(log.entries).starts_with("Entry 2 is missing")) << said_of(log.entries);
}

TEST(AuditChain, AnInsertedEntryIsNamedHoweverItIsMade) {
  const auto log = log_of(5);
  auto twice = log.entries;
  twice.insert(twice.begin() + 3, twice[2]);
  EXPECT_TRUE(said_of(twice).starts_with("Behind entry 3 stands entry 3")) << said_of(twice);
  // A well made one takes the place of the next, which no longer follows.
  auto fitting = log.entries;
  const auto second = log_of(2).head;
  fitting.insert(fitting.begin() + 2, link_entry(second, wire::Json::object()).text);
  EXPECT_TRUE(said_of(fitting).starts_with("Behind entry 3 stands entry 3")) << said_of(fitting);
  auto replaced = log.entries;
  replaced[2] = link_entry(second, wire::Json::object()).text;
  EXPECT_TRUE(said_of(replaced).starts_with("Entry 4 does not follow entry 3"));
}

TEST(AuditChain, OnlyARememberedHeadTellsThatTheEndIsMissingOrTheLogIsMadeAnew) {
  const auto log = log_of(5);
  auto cut = log.entries;
  cut.pop_back();
  EXPECT_EQ(said_of(cut), "");
  EXPECT_TRUE(said_of(cut, log.head).starts_with("The log ends with entry 4"));
  const auto other = log_of(6, "other");
  EXPECT_EQ(said_of(other.entries), "");
  EXPECT_TRUE(said_of(other.entries, log.head).starts_with("Entry 5 has the hash"));
  EXPECT_EQ(said_of(log.entries, log.head), "");
  EXPECT_EQ(said_of(log.entries, log_of(3).head), "");
}

TEST(AuditChain, AnEntryOfAnotherMajorIsNotJudged) {
  const auto log = log_of(1);
  auto newer = wire::Json::object();
  newer.set("major", 2);
  ChainCheck check;
  EXPECT_TRUE(check.add(log.entries[0]));
  const auto judged = check.add(link_entry(log.head, newer).text);
  EXPECT_EQ(judged.error().code, Code::unsupported_version);
}

TEST(AuditChain, AHeadReadsBackAndNothingElseIsOne) {
  const auto head = log_of(3).head;
  EXPECT_EQ(*parse_chain_head(render_chain_head(head)), head);
  EXPECT_EQ(*parse_chain_head(render_chain_head({})), ChainHead{});
  const auto text = render_chain_head(head);
  for (const auto& odd : {std::string(), std::string("3"), std::string("3:"), text + "0",
                          text.substr(1), text.substr(0, text.size() - 1), "x" + text}) {
    EXPECT_FALSE(parse_chain_head(odd)) << odd;
  }
}

TEST(AuditChain, AnEmptyLogIsWhole) { EXPECT_EQ(said_of_file(exported(log_of(0))), ""); }

}  // namespace
}  // namespace portolan::seal

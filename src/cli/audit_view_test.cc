#include "cli/audit_view.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

wire::Json facts_of(int things) {
  auto facts = wire::Json::object();
  auto by = wire::Json::object();
  by.set("admin", "0123456789ab");
  facts.set("by", std::move(by));
  facts.set("act", "apply");
  auto list = wire::Json::array();
  for (int i = 0; i < things; ++i) {
    auto thing = wire::Json::object();
    thing.set("kind", "Zone");
    thing.set("name", "z-" + std::to_string(i));
    thing.set("done", "created");
    list.push(std::move(thing));
  }
  facts.set("things", std::move(list));
  facts.set("things_total", things);
  return facts;
}

// What control answers for these.
wire::Json answer_of(const seal::ChainHead& end, wire::Json::Array entries) {
  auto head = wire::Json::object();
  head.set("number", end.number);
  head.set("hash", end.hash);
  auto answer = wire::Json::object();
  answer.set("head", std::move(head));
  answer.set("entries", std::move(entries));
  return answer;
}

TEST(AuditView, APageWithoutAHeadOrEntriesIsRefused) {
  EXPECT_FALSE(read_audit_page(wire::Json::object()));
  auto answer = answer_of({}, {});
  EXPECT_TRUE(read_audit_page(answer));
  answer.set("entries", "none");
  EXPECT_FALSE(read_audit_page(answer));
}

TEST(AuditView, EntriesPassTheCheckAsTheyCameAndNotWhenTheyAreUnreadable) {
  const auto first = seal::link_entry({}, facts_of(1));
  const auto page = read_audit_page(
      answer_of(first.head, {*wire::parse_json(first.text), wire::Json("no JSON at all")}));
  ASSERT_TRUE(page);
  seal::ChainCheck check;
  EXPECT_TRUE(check.add(page->entries.at(0)));
  EXPECT_EQ(check.head(), page->head);
  EXPECT_FALSE(check.add(page->entries.at(1)));
}

TEST(AuditView, ARowSaysWhoDidWhatAndShortensALongList) {
  const auto link = seal::link_entry({}, facts_of(5));
  const auto text = render_audit_page(answer_of(link.head, {*wire::parse_json(link.text)}));
  EXPECT_NE(text.find("admin 0123456789ab"), text.npos) << text;
  EXPECT_NE(text.find("Zone/z-2 created and 2 more"), text.npos) << text;
  EXPECT_NE(text.find("head 1:" + link.head.hash), text.npos) << text;
}

}  // namespace
}  // namespace portolan::cli

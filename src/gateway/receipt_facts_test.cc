#include "gateway/receipt_facts.h"

#include <gtest/gtest.h>

namespace portolan::gateway {
namespace {

TEST(ReceiptFactsOfExec, NameNoEntryInWhatIsNoRequestId) {
  for (const std::string_view text : {"", "-", "gw", "gw-1", "gw-1-", "gw-x-1", "gw-1-G", "-1-1"}) {
    EXPECT_EQ(entry_of_request(text), "") << text;
  }
}

TEST(ReceiptFactsOfExec, NameTheEntryOfARequestId) {
  EXPECT_EQ(entry_of_request("eu-central-1a-1-3-2f"), "eu-central-1a-1");
  EXPECT_EQ(entry_of_request("gw-0-0"), "gw");
}

TEST(ReceiptFactsOfExec, AreThoseOfTheRecord) {
  Options options;
  options.network = "net";
  options.id = "b-1";
  wire::UsageExec exec;
  exec.request_id = "a-1-1-1";
  exec.entry_gateway = "a-1";
  exec.entry_zone = "a";
  exec.zone = "b";
  exec.model_digest = "sha256:00";
  exec.scope = "eu";
  exec.ended = WallTime{2'000'000};
  exec.counts.completion.value = 7;
  exec.outcome = "completed";
  const auto facts = facts_of(options, exec);
  EXPECT_EQ(facts.executor_gateway, "b-1");
  EXPECT_EQ(facts.executor_zone, "b");
  EXPECT_EQ(facts.entry_gateway, "a-1");
  EXPECT_EQ(facts.digest_basis, seal::DigestBasis::declared);
  EXPECT_EQ(facts.usage.completion.value, 7U);
  EXPECT_FALSE(facts.content);
}

}  // namespace
}  // namespace portolan::gateway

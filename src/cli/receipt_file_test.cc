#include "cli/receipt_file.h"

#include <gtest/gtest.h>

#include "seal/receipt_samples_test.h"

namespace portolan::cli {
namespace {

const std::string events = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";
const std::string end = "data: [DONE]\n\n";
const std::string whole = "{\"choices\":[{\"message\":{\"content\":\"Hi\"}}]}";

// A receipt for `covered`, and its facts.
struct Sample {
  seal::SampleNetwork network;
  seal::ReceiptFacts facts;
  std::string receipt;

  explicit Sample(const std::string& covered, bool stream)
      : facts(seal::sample_facts("{}", covered)) {
    facts.content->stream = stream;
    receipt = seal::sign_receipt(facts, network.signer());
  }
  std::string stream() const { return events + ": portolan-receipt " + receipt + "\n\n" + end; }
  // Whether a saved file is believed, receipt and answer.
  bool believes(const std::string& text) const {
    const auto saved = parse_saved_receipt(text);
    if (!saved || !saved->answer) return false;
    const auto verdict = seal::verify_receipt(saved->jws, network.root.verify_key());
    return !verdict.flaw && !find_saved_answer_flaw(verdict.facts, *saved->answer);
  }
};

TEST(ReceiptFile, RefusesWhatHoldsNoReceipt) {
  for (const std::string text : {"", " \n", "{\"id\":1}", "data: {}\n\n", "two words",
                                 "HTTP/1.1 200 OK\r\nx: y\r\n\r\n{}", "HTTP/1.1 200 OK\r\nx"}) {
    EXPECT_FALSE(parse_saved_receipt(text)) << text;
  }
}

TEST(ReceiptFile, CatchesAnyByteOfASavedStreamThatWasChangedOrCut) {
  const Sample sample(events, true);
  const std::string text = sample.stream();
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(sample.believes(changed)) << at;
    EXPECT_FALSE(sample.believes(text.substr(0, at))) << at;
  }
  EXPECT_FALSE(sample.believes(text + "\n"));
  EXPECT_FALSE(sample.believes(text + events));
}

TEST(ReceiptFile, NamesTheAnswerForAnyByteOfItThatWasChangedOrCut) {
  const Sample sample(events, true);
  for (const std::string& text : {sample.stream(), events + end}) {
    EXPECT_FALSE(find_saved_answer_flaw(sample.facts, text));
    for (std::size_t at = 0; at < text.size(); ++at) {
      // The receipt's own bytes are held against its signature, not here.
      if (text.size() > sample.receipt.size() && at >= events.size() + 19 &&
          at < events.size() + 19 + sample.receipt.size()) {
        continue;
      }
      std::string changed = text;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      const auto flaw = find_saved_answer_flaw(sample.facts, changed);
      ASSERT_TRUE(flaw) << at;
      EXPECT_EQ(flaw->part, seal::ReceiptPart::answer);
      EXPECT_TRUE(find_saved_answer_flaw(sample.facts, text.substr(0, at))) << at;
    }
  }
}

TEST(ReceiptFile, TakesNoStreamForAWholeAnswerAndNoWholeAnswerForAStream) {
  EXPECT_TRUE(find_saved_answer_flaw(Sample(whole, true).facts, whole));
  EXPECT_TRUE(find_saved_answer_flaw(Sample(events, false).facts, events + end));
  EXPECT_TRUE(find_saved_answer_flaw(Sample(whole, false).facts, whole + "\n"));
}

TEST(ReceiptFile, FindsABareReceiptAndOneInAHead) {
  const Sample sample(whole, false);
  const auto bare = parse_saved_receipt("\n" + sample.receipt + "\r\n");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->jws, sample.receipt);
  EXPECT_FALSE(bare->answer);
  const std::string head = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-type: a/b\r\n"
                           "Portolan-Receipt: " + sample.receipt + "\r\n\r\n";
  const auto in_head = parse_saved_receipt(head);
  ASSERT_TRUE(in_head);
  EXPECT_EQ(in_head->jws, sample.receipt);
  EXPECT_FALSE(in_head->answer);
  EXPECT_TRUE(sample.believes(head + whole));
}

TEST(ReceiptFile, FindsAReceiptInAStreamWithOrWithoutItsHead) {
  const Sample sample(events, true);
  EXPECT_TRUE(sample.believes(sample.stream()));
  EXPECT_TRUE(sample.believes("HTTP/1.1 200 OK\nx: y\n\n" + sample.stream()));
  EXPECT_EQ(parse_saved_receipt(sample.stream())->jws, sample.receipt);
}

}  // namespace
}  // namespace portolan::cli

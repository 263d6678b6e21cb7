#include "cli/receipt_view.h"

#include <gtest/gtest.h>

#include "seal/receipt_samples_test.h"

namespace portolan::cli {
namespace {

ReceiptReport report_of(std::string receipt) {
  ReceiptReport report;
  report.verdict = seal::verify_receipt(receipt, seal::SampleNetwork().root.verify_key());
  return report;
}

const std::string receipt =
    seal::sign_receipt(seal::sample_facts("{}", "a"), seal::SampleNetwork().signer());

TEST(ReceiptView, SaysWhatWasChanged) {
  auto changed = receipt;
  changed[receipt.find('.') + 20] ^= 1;
  const auto text = render_report(report_of(changed));
  EXPECT_TRUE(text.starts_with("NOT VALID: The facts were changed")) << text;
  EXPECT_NE(text.find("part       facts"), std::string::npos) << text;
  const auto json = report_json(report_of(changed));
  EXPECT_EQ(*json.find("valid"), wire::Json(false));
  EXPECT_EQ(*json.find("part"), wire::Json("facts"));
  EXPECT_EQ(json.find("facts"), nullptr);
}

TEST(ReceiptView, SaysWhereByWhatAndWhatWasCompared) {
  auto report = report_of(receipt);
  report.answer = Compared::equal;
  const auto text = render_report(report);
  for (const std::string_view part :
       {"VALID: zone eu-central-1a of network demo signed it", "in region eu-central-1",
        "(declared)", "after 250 ms, completed", "31 of the prompt (8 cached), 64 of the answer",
        "which is what you have", "compared with nothing"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text;
  }
  const auto json = report_json(report);
  EXPECT_EQ(*json.find("answer"), wire::Json("equal"));
  EXPECT_EQ(*json.find("facts")->find("executor_zone"), wire::Json("eu-central-1a"));
}

}  // namespace
}  // namespace portolan::cli

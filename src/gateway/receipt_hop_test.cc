#include "gateway/receipt_hop.h"

#include <gtest/gtest.h>

namespace portolan::gateway {
namespace {

const ReceiptQuestion question = {
    .request_id = "gw-1-2-3", .source = ReceiptSource::exec, .workspace = "eu", .key_id = "k1"};

TEST(ReceiptHop, RefusesAnotherKindOrMajorAndWhatIsCutShort) {
  const std::string text = render_receipt_question(question);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(parse_receipt_question(text.substr(0, size)).error().code, Code::malformed_peer);
  }
  EXPECT_EQ(parse_receipt_answer(text).error().code, Code::malformed_peer);
  std::string other = text;
  other.replace(other.find("\"major\":1"), 9, "\"major\":2");
  EXPECT_EQ(parse_receipt_question(other).error().code, Code::unsupported_version);
  other = text;
  other.replace(other.find("exec"), 4, "guess");
  EXPECT_EQ(parse_receipt_question(other).error().code, Code::malformed_peer);
}

TEST(ReceiptHop, CarriesAFaultWithItsCodeAndSentence) {
  const Fault fault{Code::receipt_not_found, Retry::never, "There is none."};
  EXPECT_EQ(parse_receipt_answer(render_receipt_answer(fault)).error(), fault);
}

TEST(ReceiptHop, ReadsBackWhatItRenders) {
  EXPECT_EQ(parse_receipt_question(render_receipt_question(question)).value(), question);
  const ReceiptAnswer signed_one{.receipt = "a.b.c", .executor_zone = "", .executor_gateway = ""};
  EXPECT_EQ(parse_receipt_answer(render_receipt_answer(signed_one)).value(), signed_one);
  const ReceiptAnswer named{.receipt = "", .executor_zone = "z", .executor_gateway = "z-1"};
  EXPECT_EQ(parse_receipt_answer(render_receipt_answer(named)).value(), named);
}

}  // namespace
}  // namespace portolan::gateway

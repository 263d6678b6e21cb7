#include "gateway/envelope.h"

#include <gtest/gtest.h>

namespace portolan::gateway {
namespace {

Envelope sample() {
  Envelope envelope;
  envelope.request_id = "eu-central-1a-1-1-2a";
  envelope.entry_gateway = "eu-central-1a-1";
  envelope.entry_zone = "eu-central-1a";
  envelope.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  envelope.endpoint = model::Endpoint::completions;
  envelope.facts.workspace = "eu";
  envelope.facts.key_id = "7KtXcJ7SVww1";
  envelope.facts.workspace_scopes = {"eu"};
  envelope.facts.requested_scopes = {"global", "eu"};
  envelope.facts.labels = {{"data-class", "personal"}};
  envelope.facts.only = {"eu-central-1"};
  envelope.facts.model = "default";
  envelope.held = {.world = "ab12", .keyring = 7, .restrictions = 3};
  envelope.attempt = 2;
  envelope.executions_left = 1;
  envelope.time_left = Duration::seconds(30);
  envelope.sent_at = WallTime::from_unix_seconds(1'767'225'600);
  return envelope;
}

TEST(Envelope, EveryMissingMemberIsNamed) {
  const std::string whole = render_envelope(sample());
  for (const char* name : {"request_id", "entry_zone", "facts", "held", "time_left_ns", "path"}) {
    std::string text = whole;
    const std::size_t at = text.find("\"" + std::string(name) + "\"");
    ASSERT_NE(at, std::string::npos) << name;
    text.replace(at + 1, 1, "_");
    const auto envelope = parse_envelope(text);
    ASSERT_FALSE(envelope) << name;
    EXPECT_EQ(envelope.error().retry, Retry::elsewhere);
    EXPECT_NE(envelope.error().message.find(name), std::string::npos) << envelope.error().message;
  }
}

TEST(Envelope, AnotherMajorVersionIsRefused) {
  std::string text = render_envelope(sample());
  const std::size_t at = text.find("\"major\":1");
  text.replace(at, 9, "\"major\":2");
  const auto envelope = parse_envelope(text);
  ASSERT_FALSE(envelope);
  EXPECT_EQ(envelope.error().code, Code::unsupported_version);
}

TEST(Envelope, BytesThatAreNoJsonAreThePeersFault) {
  for (const char* text : {"", "{", "[]", "null", "\xff", "{\"kind\":1}"}) {
    EXPECT_FALSE(parse_envelope(text)) << text;
  }
}

TEST(Envelope, WhatIsWrittenIsRead) {
  const Envelope written = sample();
  const auto read = parse_envelope(render_envelope(written));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->request_id, written.request_id);
  EXPECT_EQ(read->endpoint, written.endpoint);
  EXPECT_EQ(read->facts, written.facts);
  EXPECT_EQ(read->held, written.held);
  EXPECT_EQ(read->executions_left, written.executions_left);
  EXPECT_EQ(read->time_left, written.time_left);
  EXPECT_EQ(read->sent_at, written.sent_at);
}

}  // namespace
}  // namespace portolan::gateway

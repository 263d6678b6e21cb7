#include "world/poll.h"

#include <gtest/gtest.h>

namespace portolan::world {
namespace {

WorldServed served() {
  WorldServed served;
  served.since.requests = 7;
  served.since.errors = 1;
  served.since.refusals = 2;
  served.since.detours = 3;
  served.since.first_bytes = {0, 4, 2};
  served.before.first_bytes.back() = 9;
  return served;
}

PollRequest full_request() {
  return {.gateway = "gw-1",
          .zone = "eu-central-1a",
          .world = Seen{{"net", 1, 7}, "aa"},
          .keyring = Seen{{"net", 1, 9}, "bb"},
          .restrictions = Seen{{"net", 1, 0}, "cc"},
          .refused = {{seal::DocumentKind::keyring_delta, {"net", 1, 10}, "dd", "It shrinks."},
                      {seal::DocumentKind::world, {"net", 1, 8}, "ee", "A model is unknown."}},
          .zone_key = ZoneKeySaid{"pub", 3, "ab", 1'900'000'000},
          .engines = EngineTally{3, 2},
          .trial = TrialSaid{1000, 3, {{"model_denied", 12}}},
          .served = served(),
          .load = LoadSaid{8, 3},
          .computed = ComputedSaid{40, 2},
          .reads_snapshots = true,
          .turn = PollTurn{1'700'000'000, 12},
          .wait_ms = 20'000};
}

PollAnswer answer_with(std::vector<SealedDocument> documents) {
  PollAnswer answer;
  answer.documents = std::move(documents);
  answer.confirmed = true;
  return answer;
}

Code fault_of_answer(std::string_view body) { return decode_poll_answer(body).error().code; }

TEST(Poll, RefusesAnAnswerThatIsCutShort) {
  const auto whole = encode_poll_answer(
      answer_with({{seal::DocumentKind::world, "w\n1"}, {seal::DocumentKind::keyring, "kk"}}));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(fault_of_answer(std::string_view(whole).substr(0, size)), Code::malformed_peer)
        << size;
  }
  EXPECT_EQ(fault_of_answer(whole + "x"), Code::malformed_peer);
}

TEST(Poll, RefusesAnotherMajorKindAndType) {
  EXPECT_EQ(decode_poll_request(R"({"kind":"poll","major":2,"minor":0})").error().code,
            Code::unsupported_version);
  EXPECT_EQ(decode_poll_request(R"({"kind":"world","major":1,"minor":0})").error().code,
            Code::malformed_peer);
  EXPECT_EQ(decode_poll_request(R"({"kind":"poll","major":1,"minor":0,"gateway":1,"zone":"z"})")
                .error()
                .code,
            Code::malformed_peer);
  EXPECT_EQ(decode_poll_request("").error().code, Code::malformed_peer);
  EXPECT_EQ(fault_of_answer("{}\n"), Code::malformed_peer);
  EXPECT_EQ(fault_of_answer(R"({"documents":[{"bytes":-1,"kind":"world"}],"kind":"poll-answer",)"
                            R"("major":1,"minor":0})"
                            "\n"),
            Code::malformed_peer);
}

TEST(Poll, HasABoundForRefusalsAndBytes) {
  auto request = full_request();
  request.refused.resize(poll_refusals_max.count() + 1, request.refused.front());
  EXPECT_EQ(decode_poll_request(encode_poll_request(request)).error().code, Code::limit_exceeded);
  EXPECT_EQ(decode_poll_request(std::string(poll_request_bytes_max.count() + 1, ' ')).error().code,
            Code::limit_exceeded);
}

TEST(Poll, RequestReadsBackAsItWas) {
  EXPECT_EQ(*decode_poll_request(encode_poll_request(full_request())), full_request());
  PollRequest first;
  first.gateway = "gw-1";
  first.zone = "z";
  EXPECT_EQ(*decode_poll_request(encode_poll_request(first)), first);
}

TEST(Poll, AnswerReadsBackWhateverBytesTheDocumentsHold) {
  auto answer = answer_with({{seal::DocumentKind::restrictions, std::string("\0\n{}", 4)},
                             {seal::DocumentKind::keyring_delta, ""},
                             {seal::DocumentKind::world, "{\"a\":1}\n\xff"}});
  answer.zone_key_generation = 3;
  answer.zone_chain = {"{\"control\":1}", "{\"zone\":2}"};
  EXPECT_EQ(*decode_poll_answer(encode_poll_answer(answer)), answer);
  EXPECT_EQ(*decode_poll_answer(encode_poll_answer({})), PollAnswer{});
}

TEST(Poll, SkipsDocumentsAndMembersOfANewerMinor) {
  const auto answer = decode_poll_answer(
      R"({"confirmed":true,"documents":[{"bytes":3,"kind":"tide-table"},)"
      R"({"bytes":1,"kind":"world"}],"kind":"poll-answer","major":1,"minor":4,"moon":"full"})"
      "\nabcw");
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, answer_with({{seal::DocumentKind::world, "w"}}));
}

}  // namespace
}  // namespace portolan::world

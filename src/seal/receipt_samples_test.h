#pragma once

#include <string>

#include "seal/receipt.h"

namespace portolan::seal {

inline SigningKey sample_key(unsigned char fill) {
  KeySeed seed;
  seed.fill(fill);
  return SigningKey(seed);
}

inline constexpr WallTime sample_end{1'800'000'000'123'000'000};

inline Subject sample_subject(Role role, std::string name, const SigningKey& key) {
  return {.network = "demo",
          .role = role,
          .name = std::move(name),
          .key = key.verify_key(),
          .not_before = sample_end - Duration::hours(1),
          .not_after = sample_end + Duration::hours(1)};
}

// A network's keys, and what they sign.
struct SampleNetwork {
  SigningKey root = sample_key(1);
  SigningKey control_key = sample_key(2);
  SigningKey zone_key = sample_key(3);
  Subject control = sample_subject(Role::control, "control", control_key);
  Subject zone = sample_subject(Role::zone, "eu-central-1a", zone_key);

  ZoneSigner signer() const {
    return {zone_key, {issue_certificate(control, root), issue_certificate(zone, control_key)}};
  }
};

inline ReceiptFacts sample_facts(const std::string& request, const std::string& answer) {
  ReceiptFacts facts;
  facts.network = "demo";
  facts.request_id = "eu-central-1a-1-3-2f";
  facts.workspace = "eu";
  facts.key_id = "k1";
  facts.model = "smollm2, \"the\" small";
  facts.model_digest = "sha256:5af571cbf074e6d21a03528d2330792e532ca608f24ac70a143f6b369968ab8c";
  facts.engine_kind = "llama.cpp";
  facts.scope = "eu";
  facts.executor_region = "eu-central-1";
  facts.executor_zone = "eu-central-1a";
  facts.executor_gateway = "eu-central-1a-1";
  facts.entry_zone = "ap-southeast-1b";
  facts.entry_gateway = "ap-southeast-1b-1";
  facts.began = sample_end - Duration::milliseconds(250);
  facts.ended = sample_end;
  facts.versions = {.world = std::string(64, 'a'), .keyring = 17, .restrictions = 3};
  facts.usage = {.prompt = {31}, .completion = {64}, .cached = {8}, .estimated = false};
  facts.outcome = "completed";
  facts.content = ContentDigests{.request = sha256_hex(request),
                                 .answer = sha256_hex(answer),
                                 .answer_bytes = answer.size(),
                                 .stream = true};
  return facts;
}

}  // namespace portolan::seal

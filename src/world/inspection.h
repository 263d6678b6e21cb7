#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/strong.h"
#include "base/time.h"
#include "world/accept.h"

namespace portolan::world {

// How control has a gateway look at what is around it: POST `inspect_path` at its hop address over
// mutual TLS, with an InspectionRequest as body; 200 with an Inspection. Only a control of the
// network is answered. What an engine or gateway can not tell is not there, and never a guess.

inline constexpr std::string_view inspect_path = "/hop/v1/inspect";

inline constexpr Limit inspect_peers_max{"inspect_peers_max", 512,
                                         "gateways that one inspection tries to reach"};
inline constexpr Limit inspect_models_max{"inspect_models_max", 64,
                                          "models whose engines one inspection looks at"};
inline constexpr Limit inspect_engines_max{"inspect_engines_max", 128,
                                           "engines that one inspection looks at"};
inline constexpr Limit inspect_prompts_max{"inspect_prompts_max", 16,
                                           "prompts that each of these engines is given"};
inline constexpr Limit inspect_prompt_bytes_max{"inspect_prompt_bytes_max", 16 * 1024,
                                                "what the messages of one prompt say"};
inline constexpr Limit inspect_tokens_max{"inspect_tokens_max", 256,
                                          "tokens that one prompt asks for"};
inline constexpr Limit inspect_text_bytes_max{
    "inspect_text_bytes_max", 4 * 1024, "an answer that is told; of a longer one its beginning"};
inline constexpr Limit inspect_time_ms_max{"inspect_time_ms_max", 300'000, "one inspection"};
inline constexpr Limit inspect_request_bytes_max{"inspect_request_bytes_max", 512 * 1024,
                                                 "prompts and names of one inspection"};
inline constexpr Limit inspect_answer_bytes_max{"inspect_answer_bytes_max", 16 * 1024 * 1024,
                                                "what all engines said to all prompts"};

struct GoldenMessage {
  std::string role{};  // system | user | assistant
  std::string content{};
  friend bool operator==(const GoldenMessage&, const GoldenMessage&) = default;
};

// A prompt to which engines of one model, template and tokenizer count alike, and answer alike
// where their numerics are the same: it is asked with temperature 0 and this seed.
struct GoldenPrompt {
  std::string name{};
  std::vector<GoldenMessage> messages{};
  Tokens max_tokens{};
  std::uint64_t seed = 0;
  friend bool operator==(const GoldenPrompt&, const GoldenPrompt&) = default;
};

struct InspectionRequest {
  std::vector<std::string> peers{};   // ids of gateways to reach
  std::vector<std::string> models{};  // by name: those whose engines in this zone are looked at
  std::vector<GoldenPrompt> prompts{};
  // After that nobody is asked any more, and what is known is answered. Whole milliseconds.
  Duration within = inspect_time_ms_max.milliseconds();
  friend bool operator==(const InspectionRequest&, const InspectionRequest&) = default;
};

// Another gateway, seen from this one.
struct PeerReach {
  std::string gateway{};
  bool reached = false;
  std::optional<Duration> round_trip{};  // median of five on one connection; whole microseconds
  std::string why{};                     // not reached, or not ready to serve
  friend bool operator==(const PeerReach&, const PeerReach&) = default;
};

// What an engine says of the weights that it has loaded. Their digest none says.
struct WeightsSaid {
  std::optional<std::uint64_t> parameters{};
  std::optional<std::uint64_t> vocabulary{};  // tokens that there are
  std::optional<Bytes> bytes{};
  std::optional<Tokens> trained_context{};
  friend bool operator==(const WeightsSaid&, const WeightsSaid&) = default;
};

// Something that was asked of an engine, whatever it or the World says about it.
struct FeatureTried {
  std::string name{};  // chat | completions | stream | stream_usage
  bool works = false;
  std::string why{};  // it does not
  friend bool operator==(const FeatureTried&, const FeatureTried&) = default;
};

// What one engine made of one prompt.
struct PromptProbe {
  std::string prompt{};  // its name
  // Of the prompt: by the engine's own template and tokenizer, as its usage says, and as the usage
  // of a stream says.
  std::optional<Tokens> tokens_by_template{};
  std::optional<Tokens> prompt_tokens{};
  std::optional<Tokens> streamed_prompt_tokens{};
  // Of the answer: as its usage says, as the usage of a stream says, and of its text by the
  // engine's tokenizer, which does not see the token that ended it.
  std::optional<Tokens> completion_tokens{};
  std::optional<Tokens> streamed_completion_tokens{};
  std::optional<Tokens> completion_tokens_counted{};
  std::string finish_reason{};
  std::string text{};                       // at most inspect_text_bytes_max of it
  std::string text_sha256{};                // hex, of all of it; empty: no answer
  std::optional<bool> streamed_the_same{};  // the stream's text is the whole answer's
  std::string why{};                        // what of this failed first, and how
  friend bool operator==(const PromptProbe&, const PromptProbe&) = default;
};

// One engine of one deployment, as it shows itself.
struct EngineInspection {
  std::string deployment{};
  std::string model{};
  std::string kind{};
  std::string url{};
  bool healthy = false;                   // by the gateway's probes
  std::string why{};                      // it could not be looked at, or not at all of it
  std::optional<bool> served_as_known{};  // its list has the name by which it is asked
  std::optional<Tokens> context{};        // of one request
  std::optional<std::uint64_t> slots{};
  std::string template_sha256{};   // hex; empty: it does not say
  std::string tokenizer_sha256{};  // hex, of how it cuts a text that is the same everywhere
  WeightsSaid weights{};
  std::vector<FeatureTried> features{};
  std::vector<PromptProbe> probes{};
  friend bool operator==(const EngineInspection&, const EngineInspection&) = default;
};

// The certificate that the gateway shows to its peers now.
struct CertificateSaid {
  std::string identity{};  // the URI in it, which names network, zone and gateway
  std::string zone{};
  WallTime not_after{};
  friend bool operator==(const CertificateSaid&, const CertificateSaid&) = default;
};

struct Inspection {
  std::string gateway{};
  std::string zone{};
  WallTime asked{};     // by the gateway's clock, when it had read the question
  WallTime answered{};  // by the same, when it began to answer
  std::optional<Seen> world{};
  std::optional<CertificateSaid> certificate{};  // nothing without TLS
  std::vector<PeerReach> peers{};                // one for each that was asked for
  std::vector<EngineInspection> engines{};  // one for each of each deployment that was asked for
  friend bool operator==(const Inspection&, const Inspection&) = default;
};

// Canonical JSON with kind, major and minor.
std::string encode_inspection_request(const InspectionRequest& request);
// Errors of decoding: malformed_peer, unsupported_version, limit_exceeded.
Result<InspectionRequest> decode_inspection_request(std::string_view body);

std::string encode_inspection(const Inspection& inspection);
Result<Inspection> decode_inspection(std::string_view body);

}  // namespace portolan::world

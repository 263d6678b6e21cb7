#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "model/served_counts.h"
#include "model/version.h"
#include "seal/signed_document.h"
#include "world/accept.h"
#include "world/shared_bytes.h"

namespace portolan::world {

// The exchange between a gateway and control: POST `poll_path` over mutual TLS,
// with a PollRequest as body; 200 with a PollAnswer. Any other status has an
// error body for people, and nothing in it changes what a gateway holds.

inline constexpr std::string_view poll_path = "/control/v1/poll";

inline constexpr Limit poll_request_bytes_max{"poll_request_bytes_max", 256 * 1024,
                                              "what one gateway holds and refuses"};
inline constexpr Limit poll_refusals_max{"poll_refusals_max", 16,
                                         "documents refused that one poll tells of"};
inline constexpr Limit poll_answer_bytes_max{"poll_answer_bytes_max", 72 * 1024 * 1024,
                                             "one World, one Keyring and the Restrictions"};
inline constexpr Limit poll_answer_ms{"poll_answer_ms", 120'000,
                                      "from an answer's head to its end: a large Keyring takes a "
                                      "while over a thin line"};
inline constexpr Limit poll_documents_max{"poll_documents_max", 1'024,
                                          "a World, Restrictions, and the deltas that are kept"};

// A document that a gateway was given and did not take.
struct Refusal {
  seal::DocumentKind kind = seal::DocumentKind::world;
  model::Version version;
  std::string hash;    // of the payload
  std::string reason;  // a sentence for the operator
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

// The key by which a gateway signs receipts, as the gateway tells of it. Its
// secret half never leaves the gateway; the certificate of the connection says
// for which zone control may certify it.
struct ZoneKeySaid {
  std::string key;               // the public half, base64url
  std::uint64_t generation = 0;  // raised by a rotation
  std::string issuer;            // id of control's key that certified it; empty: none yet
  std::uint64_t ends_s = 0;      // when its chain ends, seconds since 1970
  friend bool operator==(const ZoneKeySaid&, const ZoneKeySaid&) = default;
};

// How many engines a gateway probes, and how many of them are healthy.
struct EngineTally {
  std::uint64_t total = 0;
  std::uint64_t healthy = 0;
  friend bool operator==(const EngineTally&, const EngineTally&) = default;
};

// What a gateway found when it tried the World that it holds on its last real
// decisions, before it took it.
struct TrialSaid {
  struct Refused {
    std::string code;
    std::uint64_t count = 0;
    friend bool operator==(const Refused&, const Refused&) = default;
  };

  std::uint64_t decisions = 0;   // that the World before it allowed
  std::uint64_t elsewhere = 0;   // of these, no more where they were computed
  std::vector<Refused> refused;  // of these, by code
  friend bool operator==(const TrialSaid&, const TrialSaid&) = default;
};

// How requests ended that entered at a gateway under the World that it holds, and
// lately before it took that.
struct WorldServed {
  model::ServedCounts since;
  model::ServedCounts before;
  friend bool operator==(const WorldServed&, const WorldServed&) = default;
};

// What a gateway could do at once at its zone's healthy engines, and did.
struct LoadSaid {
  std::uint64_t slots = 0;
  std::uint64_t busy_p95 = 0;  // requests at once, lately
  friend bool operator==(const LoadSaid&, const LoadSaid&) = default;
};

// How requests went that a gateway computed for others of the network, since its start.
struct ComputedSaid {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;  // of them: ended by a fault that no client can mend
  friend bool operator==(const ComputedSaid&, const ComputedSaid&) = default;
};

// Which of a gateway's polls came later, whichever control they went to: a later start, or a
// higher number of the same one.
struct PollTurn {
  std::uint64_t start = 0;   // the gateway's epoch, raised by each start
  std::uint64_t number = 0;  // of its polls since, from 1
  friend auto operator<=>(const PollTurn&, const PollTurn&) = default;
};

struct PollRequest {
  std::string gateway;  // both as in the caller's certificate
  std::string zone;
  // What it serves by now; nothing before the first.
  std::optional<Seen> world;
  std::optional<Seen> keyring;
  std::optional<Seen> restrictions;
  // What it refuses as long as it does. Control does not send the same again,
  // and shows the reason.
  std::vector<Refusal> refused;
  std::optional<ZoneKeySaid> zone_key;
  // Nothing before the first probes are back.
  std::optional<EngineTally> engines;
  // Nothing while it has taken no World since it was started.
  std::optional<TrialSaid> trial;
  // Nothing from gateways before format 1.2.
  std::optional<WorldServed> served;
  // Nothing from gateways before format 1.3, and before it has looked.
  std::optional<LoadSaid> load{};
  // Nothing from gateways before format 1.4.
  std::optional<ComputedSaid> computed{};
  // Whether it reads a Keyring as world::encode_keyring_snapshot writes it, not only as
  // JSON; gateways before format 1.5 do not.
  bool reads_snapshots = false;
  // Nothing from gateways before format 1.6.
  std::optional<PollTurn> turn{};
  std::uint64_t wait_ms = 0;  // with nothing new to send; at most limits::poll_wait_ms
  friend bool operator==(const PollRequest&, const PollRequest&) = default;
};

struct SealedDocument {
  seal::DocumentKind kind = seal::DocumentKind::world;
  SharedBytes bytes;  // as seal::seal_document made them
  friend bool operator==(const SealedDocument&, const SealedDocument&) = default;
};

struct PollAnswer {
  // To be taken in this order: restrictions first, because they take permission
  // away; keyring deltas ascending, each the very next one.
  std::vector<SealedDocument> documents;
  // With the documents above taken, the gateway's Keyring and Restrictions are
  // the newest there are, at the moment of this answer. key_freshness counts
  // from there.
  bool confirmed = false;
  // A key of an older generation than this is to be replaced by a new one.
  std::uint64_t zone_key_generation = 0;
  // What certifies the key that was told of: control's certificate by the root,
  // the zone's by control. Empty: nothing new.
  std::vector<std::string> zone_chain;
  friend bool operator==(const PollAnswer&, const PollAnswer&) = default;
};

// Canonical JSON with kind, major and minor.
std::string encode_poll_request(const PollRequest& request);
// Errors of decoding: malformed_peer, unsupported_version, limit_exceeded.
Result<PollRequest> decode_poll_request(std::string_view body);

// One line of canonical JSON with the kinds and sizes of the documents, and
// behind its line feed their bytes, one after another.
std::string encode_poll_answer(const PollAnswer& answer);
// That line alone, with its line feed, for who sends the documents from where they are.
std::string encode_poll_line(const PollAnswer& answer);
// Documents of a kind that is not known are skipped: a newer minor has them.
Result<PollAnswer> decode_poll_answer(std::string_view body);

}  // namespace portolan::world

#pragma once

#include <string>

#include "base/limits.h"
#include "http/client.h"
#include "runtime/shard.h"
#include "wire/url.h"

namespace portolan::control {

inline constexpr Limit webhook_answer_ms{"webhook_answer_ms", 10'000,
                                         "for a webhook's receiver to take an event"};
inline constexpr Limit webhook_secret_bytes_min{"webhook_secret_bytes_min", 16,
                                                "of the secret that events are signed with"};

// Whom events are posted to, and what they are signed with.
struct WebhookPlace {
  wire::Url url;
  std::string secret;
  std::string authority{};  // PEM, who vouches for an https host; empty: the system's do
};

// "sha256=" and the HMAC-SHA256 (RFC 2104) of the body in hex, for `portolan-signature`.
std::string webhook_signature(const WebhookPlace& place, std::string_view body);

// Posts one event on a connection of its own. Done when the answer's status is 2xx; of its body
// nothing is read, and no redirect is followed. Errors: unreachable with the status for any other
// answer; timed_out after webhook_answer_ms; those of the connection; cancelled.
runtime::Task<Status> post_event(http::Pool& pool, WebhookPlace place, std::string event);

}  // namespace portolan::control

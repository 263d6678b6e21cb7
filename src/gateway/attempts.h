#pragma once

#include <string>

#include "dialect/openai_request.h"
#include "gateway/client_answer.h"
#include "model/view.h"
#include "policy/allowed_zones.h"

namespace portolan::gateway {

// A request that was let in, with what every attempt at it needs.
struct Admitted {
  model::View view;  // World and Keyring are pinned for its life
  policy::Caller caller;
  policy::EntryGrant grant;
  model::RequestFacts facts;
  std::string_view body;
  bool receipt = false;  // the executor is to sign one, over the content too
  Instant deadline;
};

// Answers from one of the allowed zones: the nearest that can, then another
// while nothing has gone to the client and the rules allow it. Every attempt is
// masked anew, under the restrictions, key state and date of its moment.
runtime::Task<Status> answer_from_a_zone(Gateway& gateway, Admitted& request, Record& record,
                                         ClientAnswer& answer);

}  // namespace portolan::gateway

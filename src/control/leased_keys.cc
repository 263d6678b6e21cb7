#include "control/leased_keys.h"

#include "control/opening_record.h"
#include "control/state_codec.h"
#include "control/told_document.h"
#include "control/webhook_record.h"

namespace portolan::control {

bool is_held_by_lease(std::string_view key) {
  return key == driver_key || key == opening_driver_key || key == webhook_sender_key ||
         key.starts_with(told_prefix);
}

}  // namespace portolan::control

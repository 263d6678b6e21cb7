#pragma once

#include "base/result.h"
#include "store/control_store.h"

namespace portolan::store {

// Errors: limit_exceeded over store_changes_max or store_value_bytes_max.
Status check_transaction(const Transaction& transaction);

}  // namespace portolan::store

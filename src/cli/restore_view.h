#pragma once

#include <string>

#include "wire/json_value.h"

namespace portolan::cli {

// Where a restore stands (GET /admin/v1/restore), for people.
std::string render_restore(const wire::Json& answer);

// One line above other tables while a restore is not finished; else empty.
std::string restore_notice(const wire::Json& answer);

}  // namespace portolan::cli

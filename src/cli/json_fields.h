#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/json_value.h"

namespace portolan::cli {

// Members of what control answers, for views: nothing, zero, false or no
// elements where a member is missing or of another type.
std::string text_of(const wire::Json& object, std::string_view name);
std::uint64_t whole_of(const wire::Json& object, std::string_view name);
bool is_set(const wire::Json& object, std::string_view name);
const wire::Json::Array& list_of(const wire::Json& object, std::string_view name);
// A date, to the second.
std::string date_of(const wire::Json& object, std::string_view name);
// Of a list of strings: "a, b".
std::string names_of(const wire::Json& object, std::string_view name);

}  // namespace portolan::cli

#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/json_value.h"

namespace portolan::control {

// A request's body as one JSON object with no members but those. Errors here and
// below: malformed_json, invalid_parameter, naming the member.
Result<wire::Json> parse_body(const std::string& body,
                              std::initializer_list<std::string_view> known);

Result<std::string> required_text(const wire::Json& json, std::string_view member);
Result<std::optional<std::string>> optional_text(const wire::Json& json, std::string_view member);
Result<std::vector<std::string>> optional_texts(const wire::Json& json, std::string_view member);

}  // namespace portolan::control

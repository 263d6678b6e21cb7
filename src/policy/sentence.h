#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/fault.h"
#include "base/time.h"

// Pieces of the sentences in which decisions refuse.
namespace portolan::policy {

// 'text', fit to be shown: at most 64 characters of it, what does not print as
// '?'. For names that a client or peer wrote.
std::string in_quotes(std::string_view text);

// 'a', 'b', 'c' and 2 more: at most `shown_max` of them.
std::string list_in_quotes(std::span<const std::string> names, std::size_t shown_max = 20);

// " from 2026-01-31 on", the day in UTC; nothing where that is now.
std::string since(WallTime date, WallTime now);

// Refused by permission: the same again is refused again.
Fault refuse(Code code, std::string sentence);

// This gateway lacks something that another one may have.
Fault refuse_here(Code code, std::string sentence);

// The Fault of a view with a part missing, or with parts of different versions.
Fault no_world();

}  // namespace portolan::policy

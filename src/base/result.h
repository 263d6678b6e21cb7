#pragma once

#include <expected>
#include <utility>

#include "base/check.h"
#include "base/fault.h"

namespace portolan {

// A value, or the Fault that stands in its place. Never dropped unseen.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Fault> {
 public:
  using std::expected<T, Fault>::expected;

  Result(Fault fault) : std::expected<T, Fault>(std::unexpected(std::move(fault))) {}
};

using Status = Result<void>;

}  // namespace portolan

#define PORTOLAN_JOIN_(a, b) a##b
#define PORTOLAN_JOIN(a, b) PORTOLAN_JOIN_(a, b)

// TRY(auto x, f()): x is the value of f(), or this function returns its Fault.
#define TRY(declaration, ...) \
  PORTOLAN_TRY_(PORTOLAN_JOIN(result_, __LINE__), return, declaration, __VA_ARGS__)
// The same in a coroutine; the awaited call stands alone in its statement.
#define CO_TRY(declaration, ...) \
  PORTOLAN_TRY_(PORTOLAN_JOIN(result_, __LINE__), co_return, declaration, __VA_ARGS__)

#define PORTOLAN_TRY_(result, leave, declaration, ...) \
  auto result = __VA_ARGS__;                           \
  if (!result) {                                       \
    leave std::move(result).error();                   \
  }                                                    \
  declaration = std::move(*result)

// TRY_DO(f()): f() returns a Status; on a Fault this function returns it.
#define TRY_DO(...)                                                           \
  if (auto status = __VA_ARGS__; !status) {                                   \
    return std::move(status).error();                                         \
  }
// The same in a coroutine.
#define CO_TRY_DO(...) PORTOLAN_CO_TRY_DO_(PORTOLAN_JOIN(status_, __LINE__), __VA_ARGS__)
#define PORTOLAN_CO_TRY_DO_(status, ...)    \
  auto status = __VA_ARGS__;                \
  if (!status) {                            \
    co_return std::move(status).error();    \
  }

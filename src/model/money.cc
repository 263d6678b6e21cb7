#include "model/money.h"

#include <fmt/format.h>

#include "model/name.h"

namespace portolan::model {
namespace {

constexpr std::size_t places_max = 9;  // a billionth
constexpr std::int64_t unit = 1'000'000'000;
constexpr std::string_view digits = "0123456789";

Fault beyond() {
  return invalid_resource(
      fmt::format("is more than {}, which is {}", money_units_max.value, money_units_max.name));
}

}  // namespace

Result<Money> parse_money(std::string_view text) {
  if (text.starts_with('-')) return invalid_resource("is negative");
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const bool has_point = point != std::string_view::npos;
  const auto places = has_point ? text.substr(point + 1) : std::string_view();
  const bool complete = !whole.empty() && (!has_point || !places.empty());
  if (!complete || whole.find_first_not_of(digits) != std::string_view::npos ||
      places.find_first_not_of(digits) != std::string_view::npos) {
    return invalid_resource(
        "is not written as digits with at most one point, as in 0.02: no sign, no exponent, no "
        "separator");
  }
  if (places.size() > places_max) {
    return invalid_resource(
        fmt::format("has {} digits after the point; {} is the most", places.size(), places_max));
  }
  constexpr auto most = static_cast<std::int64_t>(money_units_max.value) * unit;
  Money money;
  for (const char digit : whole) {
    if (money.billionths > most / 10) return beyond();
    money.billionths = money.billionths * 10 + (digit - '0') * unit;
  }
  std::int64_t weight = unit;
  for (const char digit : places) {
    weight /= 10;
    money.billionths += (digit - '0') * weight;
  }
  if (money.billionths > most) return beyond();
  return money;
}

std::string render_money(Money money) {
  auto text = fmt::format("{}.{:09}", money.billionths / unit, money.billionths % unit);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace portolan::model

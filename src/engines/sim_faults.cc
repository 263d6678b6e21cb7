#include "engines/sim_faults.h"

#include <array>
#include <utility>

#include "wire/json_cursor.h"
#include "wire/json_writer.h"

namespace portolan::engines {
namespace {

using Kind = FaultOrder::Kind;
using wire::JsonCursor;

constexpr std::size_t orders_max = 1000;
constexpr std::uint64_t stall_ms_max = 600'000;
constexpr double factor_max = 10'000;

template <class Enum>
using Names = std::initializer_list<std::pair<std::string_view, Enum>>;

constexpr Names<Kind> kinds = {
    {"status", Kind::status}, {"hang", Kind::hang},           {"reset_after", Kind::reset_after},
    {"slow", Kind::slow},     {"malformed", Kind::malformed}, {"accept_stall", Kind::accept_stall},
    {"health", Kind::health}};
constexpr Names<FaultOrder::Malformed> variants = {{"json", FaultOrder::Malformed::json},
                                                   {"event", FaultOrder::Malformed::event},
                                                   {"end", FaultOrder::Malformed::end},
                                                   {"head", FaultOrder::Malformed::head}};
constexpr Names<FaultOrder::Health> modes = {{"loading", FaultOrder::Health::loading},
                                             {"failing", FaultOrder::Health::failing},
                                             {"hang", FaultOrder::Health::hang}};

template <class Enum>
Result<Enum> read_name(JsonCursor place, std::string_view text, const Names<Enum>& names) {
  std::string known;
  for (const auto& [name, value] : names) {
    if (name == text) return value;
    known += known.empty() ? "" : ", ";
    known += name;
  }
  return place.fault("expected one of " + known);
}

// The one member that each kind has of its own.
std::string_view member_of(Kind kind) {
  switch (kind) {
    case Kind::status:
      return "status";
    case Kind::hang:
      return "count";
    case Kind::reset_after:
      return "tokens";
    case Kind::slow:
      return "factor";
    case Kind::malformed:
      return "variant";
    case Kind::accept_stall:
      return "ms";
    case Kind::health:
      return "mode";
  }
  std::unreachable();
}

Status read_how_often(JsonCursor json, FaultOrder& order) {
  const bool counted = json.find("count").has_value();
  const bool chanced = json.find("probability").has_value();
  if (counted && chanced) return json.fault("has both count and probability; one decides");
  TRY(order.count, json.count_or("count", chanced ? 0 : 1));
  TRY(order.probability, json.number_or("probability", 0.0));
  if (order.probability < 0 || order.probability > 1) {
    return json.fault("probability is between 0 and 1");
  }
  if (counted && order.count == 0) return json.fault("count is at least 1");
  return {};
}

Status read_particulars(JsonCursor json, FaultOrder& order) {
  TRY(const auto status, json.count_or("status", 500));
  if (status < 400 || status > 599) return json.fault("status is between 400 and 599");
  order.status = static_cast<int>(status);
  TRY(const auto tokens, json.count_or("tokens", 0));
  order.tokens = tokens;
  TRY(order.factor, json.number_or("factor", order.kind == Kind::slow ? 10.0 : 1.0));
  if (order.factor < 0 || order.factor > factor_max) {
    return json.fault("factor is between 0 and 10000");
  }
  TRY(const auto variant, json.text_or("variant", "json"));
  TRY(order.malformed, read_name(json, variant, variants));
  TRY(const auto mode, json.text_or("mode", "loading"));
  TRY(order.health, read_name(json, mode, modes));
  TRY(const auto span, json.count_or("ms", 5000));
  if (span > stall_ms_max) return json.fault("ms is at most 600000");
  order.span = Duration::milliseconds(static_cast<std::int64_t>(span));
  return {};
}

Result<FaultOrder> read_order(JsonCursor json) {
  FaultOrder order;
  TRY(const auto kind, json.text("kind"));
  TRY(order.kind, read_name(json, kind, kinds));
  TRY_DO(json.only({"kind", "count", "probability", member_of(order.kind)}));
  TRY_DO(read_how_often(json, order));
  TRY_DO(read_particulars(json, order));
  return order;
}

}  // namespace

Result<std::vector<FaultOrder>> parse_fault_orders(std::string_view body) {
  TRY(const wire::Json json, wire::parse_json(body));
  const JsonCursor root(json, Code::invalid_parameter);
  std::vector<JsonCursor> places{root};
  if (json.as_array() != nullptr) {
    TRY(places, root.elements());
  }
  std::vector<FaultOrder> orders;
  for (const JsonCursor& place : places) {
    TRY(FaultOrder order, read_order(place));
    orders.push_back(order);
  }
  if (orders.size() > orders_max) return root.fault("at most 1000 orders at once");
  return orders;
}

void FaultBook::add(const FaultOrder& order, Instant now) {
  if (order.kind == Kind::accept_stall) {
    accept_stalled_until_ = now + order.span;
  } else if (order.kind == Kind::health) {
    probes_.push_back(order);
  } else {
    executions_.push_back(order);
  }
}

void FaultBook::clear() {
  executions_.clear();
  probes_.clear();
  accept_stalled_until_ = {INT64_MIN};
}

std::string FaultBook::render_taken() const {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object();
  for (const auto& [name, kind] : kinds) {
    const auto counted = taken_.find(kind);
    json.member(name, counted == taken_.end() ? 0 : counted->second);
  }
  json.end_object();
  return text;
}

std::optional<FaultOrder> FaultBook::take_for_execution(Random& random) {
  return take(executions_, random);
}

std::optional<FaultOrder> FaultBook::take_for_health(Random& random) {
  return take(probes_, random);
}

std::optional<FaultOrder> FaultBook::take(std::vector<FaultOrder>& orders, Random& random) {
  for (auto order = orders.begin(); order != orders.end(); ++order) {
    if (order->count == 0) {
      if (!random.chance(order->probability)) continue;
      ++taken_[order->kind];
      return *order;
    }
    const FaultOrder taken = *order;
    ++taken_[taken.kind];
    if (--order->count == 0) orders.erase(order);
    return taken;
  }
  return std::nullopt;
}

}  // namespace portolan::engines

#include "policy/moved_prices.h"

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <set>
#include <tuple>

#include "policy/prices_on.h"
#include "policy/sentence.h"

namespace portolan::policy {
namespace {

using Of = MovedPrice::Of;

std::set<WallTime> price_dates(const Standing& before, const Standing& after, WallTime now) {
  std::set<WallTime> dates{now};
  for (const model::World* world : {&before.world, &after.world}) {
    for (const model::PriceBook& book : world->network().price_books) {
      if (book.from > now) dates.insert(book.from);
    }
  }
  return dates;
}

template <class Resource>
std::vector<std::string> kept_names(const std::vector<Resource>& before,
                                    const std::vector<Resource>& after) {
  std::set<std::string_view> names;
  for (const Resource& each : after) names.insert(each.name);
  std::vector<std::string> kept;
  for (const Resource& each : before) {
    if (names.contains(each.name)) kept.push_back(each.name);
  }
  return kept;
}

std::int64_t distance(model::Money before, model::Money after) {
  return std::abs(after.billionths - before.billionths);
}

// Exact: a whole number is above a fraction when it is above that rounded down. No sum here can
// overflow, because money is bounded.
bool moves_too_far(model::Money before, model::Money after) {
  const auto moved = distance(before, after);
  const auto percent = static_cast<std::int64_t>(price_move_percent_max.value);
  const auto whole = before.billionths / 100 * percent;
  return moved > whole + before.billionths % 100 * percent / 100;
}

class PriceComparison {
 public:
  PriceComparison(const Standing& before, const Standing& after)
      : before_(before.world.network()),
        after_(after.world.network()),
        models_(kept_names(before_.models, after_.models)),
        regions_(kept_names(before_.regions, after_.regions)) {}

  void compare(std::string_view currency, WallTime date) {
    const PricesOn old(before_.price_books, currency, date);
    const PricesOn fresh(after_.price_books, currency, date);
    PriceCount whole{date, std::string(currency), "", 0, 0};
    for (const std::string& model : models_) {
      PriceCount count{date, whole.currency, model, 0, 0};
      for (const std::string& region : regions_) {
        const auto was = old.of(model, region);
        const auto is = fresh.of(model, region);
        count.before += was ? 1 : 0;
        count.after += is ? 1 : 0;
        if (!was || !is) continue;
        const Cell cell{currency, model, region};
        note(cell, date, Of::input, was->input_per_million, is->input_per_million);
        note(cell, date, Of::output, was->output_per_million, is->output_per_million);
      }
      whole.before += count.before;
      whole.after += count.after;
      add(std::move(count));
    }
    add(std::move(whole));
  }

  PriceChanges take() {
    for (auto& [move, regions] : moved_) {
      const auto& [date, currency, model, of, before, after] = move;
      changes_.moved.push_back({date, currency, model, of, before, after, std::move(regions)});
    }
    return std::move(changes_);
  }

 private:
  struct Cell {
    std::string_view currency;
    std::string_view model;
    std::string_view region;
  };
  using Move = std::tuple<WallTime, std::string, std::string, Of, model::Money, model::Money>;

  // The first date on which a price moves too far stands for later ones.
  void note(const Cell& cell, WallTime date, Of of, model::Money was, model::Money is) {
    if (!moves_too_far(was, is)) return;
    if (!noted_.emplace(cell.currency, cell.model, cell.region, of).second) return;
    const Move move(date, cell.currency, cell.model, of, was, is);
    moved_[move].emplace_back(cell.region);
  }

  void add(PriceCount count) {
    if (count.after < count.before) changes_.counts.push_back(std::move(count));
  }

  const model::Network& before_;
  const model::Network& after_;
  std::vector<std::string> models_;  // that stand in both
  std::vector<std::string> regions_;
  std::set<std::tuple<std::string_view, std::string_view, std::string_view, Of>> noted_;
  std::map<Move, std::vector<std::string>> moved_;
  PriceChanges changes_;
};

// "50 % more", "37.5 % less"; "which was free" of nothing.
std::string render_move(model::Money before, model::Money after) {
  if (before.billionths == 0) return "which was free";
  const auto moved = static_cast<double>(distance(before, after));
  const double percent = 100 * moved / static_cast<double>(before.billionths);
  return fmt::format("{:.4g} % {}", percent, after > before ? "more" : "less");
}

}  // namespace

PriceChanges compare_prices(const Standing& before, const Standing& after, WallTime now) {
  PriceComparison comparison(before, after);
  const auto currencies = currencies_of(before.world.network().price_books);
  for (const WallTime date : price_dates(before, after, now)) {
    for (const auto currency : currencies) comparison.compare(currency, date);
  }
  return comparison.take();
}

std::string sentence_of(const MovedPrice& moved, WallTime now) {
  constexpr std::size_t regions_shown_max = 8;
  return fmt::format(
      "Price of model '{}' in {} {} for a million tokens of {}{}: {} {} instead of {}, {}; {} is "
      "{}.",
      moved.model, moved.regions.size() == 1 ? "region" : "regions",
      list_in_quotes(moved.regions, regions_shown_max), moved.of == Of::input ? "input" : "output",
      since(moved.from, now), model::render_money(moved.after), moved.currency,
      model::render_money(moved.before), render_move(moved.before, moved.after),
      price_move_percent_max.name, price_move_percent_max.value);
}

std::string name_of(const PriceCount& count, WallTime now) {
  const auto of = count.model.empty() ? "" : fmt::format(" of model '{}'", count.model);
  return fmt::format("Prices{} in {}{}", of, count.currency, since(count.from, now));
}

}  // namespace portolan::policy

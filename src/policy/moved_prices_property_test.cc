// Moved prices against a naive oracle, which looks at every day and every item.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "base/random.h"
#include "policy/moved_prices.h"
#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

using Names = std::vector<std::string>;

constexpr std::int64_t days = 12;
constexpr std::int64_t today = 4;

constexpr WallTime day(std::int64_t number) { return WallTime::from_unix_seconds(number * 86'400); }

const Names models = {"m0", "m1"};
const Names regions = {"cn", "eu-1", "sg"};
const Names currencies = {"EUR", "USD"};

struct Books {
  std::vector<model::PriceBook> before;
  std::vector<model::PriceBook> after;
};

class BooksMaker {
 public:
  explicit BooksMaker(std::uint64_t seed) : random_(seed) {}

  Books make() {
    Books books{some_books(), {}};
    const double changed = random_.chance(0.5) ? 0.3 : 0.01;
    books.after = random_.chance(changed) ? some_books() : books.before;
    for (auto& book : books.after) {
      for (auto& item : book.items) {
        if (random_.chance(changed)) item.input_per_million = amount();
        if (random_.chance(changed)) item.output_per_million = amount();
      }
      std::erase_if(book.items, [&](const auto&) { return random_.chance(changed / 3); });
    }
    std::erase_if(books.after, [&](const auto&) { return random_.chance(changed / 3); });
    return books;
  }

 private:
  // Near each other, so that moves of exactly a fifth are met.
  model::Money amount() {
    constexpr std::array<std::int64_t, 10> amounts = {0, 4, 5, 6, 79, 80, 99, 100, 120, 121};
    return {amounts[random_.below(amounts.size())]};
  }

  std::vector<model::PriceBook> some_books() {
    std::vector<model::PriceBook> books;
    for (const std::string& currency : currencies) {
      for (std::int64_t i = 0; i < days; ++i) {
        if (!random_.chance(0.2)) continue;
        books.push_back({currency + std::to_string(i), currency, day(i), some_items()});
      }
    }
    return books;
  }

  // No two of a model and region.
  std::vector<model::PriceItem> some_items() {
    std::vector<model::PriceItem> items;
    for (const std::string& model : models) {
      if (random_.chance(0.6)) items.push_back({model, amount(), amount(), {}});
      Names left = regions;
      std::erase_if(left, [&](const auto&) { return random_.chance(0.7); });
      if (!left.empty()) items.push_back({model, amount(), amount(), left});
    }
    return items;
  }

  Random random_;
};

class PriceOracle {
 public:
  explicit PriceOracle(const Books& books) : books_(books) {}

  // "USD m0 eu-1 input": moved on some day; "USD m0": too few are left on some day.
  std::set<std::string> objections() const {
    std::set<std::string> found;
    for (std::int64_t i = today; i < days; ++i) {
      for (const auto& currency : currencies) {
        for (const auto& model : models) {
          std::size_t had = 0;
          std::size_t has = 0;
          for (const auto& region : regions) {
            const auto* was = item(books_.before, currency, model, region, day(i));
            const auto* is = item(books_.after, currency, model, region, day(i));
            had += was ? 1 : 0;
            has += is ? 1 : 0;
            if (!was || !is) continue;
            const auto what = currency + ' ' + model + ' ' + region;
            if (far(was->input_per_million, is->input_per_million)) found.insert(what + " input");
            if (far(was->output_per_million, is->output_per_million)) {
              found.insert(what + " output");
            }
          }
          const bool emptied = had > 0 && has == 0;
          const bool much = has < had && had - has > 1 && 10 * (had - has) > had;
          if (emptied || much) found.insert(currency + ' ' + model);
        }
      }
    }
    return found;
  }

 private:
  static bool far(model::Money was, model::Money is) {
    return 100 * std::abs(is.billionths - was.billionths) > 20 * was.billionths;
  }

  static const model::PriceItem* item(const std::vector<model::PriceBook>& books,
                                      const std::string& currency, const std::string& model,
                                      const std::string& region, WallTime date) {
    const model::PriceBook* last = nullptr;
    for (const auto& book : books) {
      const bool holds = book.currency == currency && book.from <= date;
      if (holds && (!last || last->from < book.from)) last = &book;
    }
    if (!last) return nullptr;
    const model::PriceItem* general = nullptr;
    for (const auto& item : last->items) {
      if (item.model != model) continue;
      if (std::ranges::count(item.regions, region) > 0) return &item;
      if (item.regions.empty()) general = &item;
    }
    return general;
  }

  const Books& books_;
};

model::View world_of(const std::vector<model::PriceBook>& books) {
  Parts parts = small_world();
  for (const auto& name : models) {
    model::Model made;
    made.name = name;
    parts.network.models.push_back(made);
  }
  parts.network.price_books = books;
  return parts.view();
}

std::set<std::string> objections(const Books& books) {
  const auto before = world_of(books.before);
  const auto after = world_of(books.after);
  const std::vector<model::Org> orgs;
  const std::vector<model::Workspace> workspaces;
  const Standing stood{*before.world, orgs, workspaces};
  const Standing stands{*after.world, orgs, workspaces};
  std::set<std::string> found;
  for (const auto& moved : compare_prices(stood, stands, day(today)).moved) {
    for (const auto& region : moved.regions) {
      const auto of = moved.of == MovedPrice::Of::input ? " input" : " output";
      RC_ASSERT(found.insert(moved.currency + ' ' + moved.model + ' ' + region + of).second);
    }
  }
  for (const auto& objection : guard_change(stood, stands, day(today))) {
    for (const auto& currency : currencies) {
      for (const auto& model : models) {
        const auto set = "Prices of model '" + model + "' in " + currency;
        if (objection.sentence.starts_with(set)) {
          RC_ASSERT(found.insert(currency + ' ' + model).second);
        }
      }
    }
  }
  return found;
}

TEST(MovedPrices, AreWhatALookAtEveryDaySays) {
  std::size_t quiet = 0;
  std::size_t several = 0;
  EXPECT_TRUE(rc::check([&] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    for (std::uint64_t i = 0; i < 10; ++i) {
      const auto books = BooksMaker(seed + i).make();
      const auto expected = PriceOracle(books).objections();
      quiet += expected.empty() ? 1 : 0;
      several += expected.size() > 3 ? 1 : 0;
      RC_ASSERT(objections(books) == expected);
    }
  }));
  EXPECT_GT(quiet, 50u);
  EXPECT_GT(several, 100u);
}

}  // namespace
}  // namespace portolan::policy

#include "policy/lost_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "policy/rule_dates.h"
#include "policy/sentence.h"
#include "policy/zones_under_rules.h"

namespace portolan::policy {
namespace {

// The zones in which one workspace may run each model of a World, by the model's
// place there.
class RunnableZones {
 public:
  RunnableZones(const model::World& world, const model::Workspace& workspace, WallTime date)
      : world_(world), workspace_(workspace), date_(date) {
    for (const std::string& name : workspace.scopes) {
      if (const auto scope = world.find_scope(name)) in_scopes_ |= world.zones_of_scope(*scope);
    }
  }

  model::ZoneMask of(ModelIndex model) {
    return in_scopes_ & world_.placement(model) & under_rules(world_.model(model).labels);
  }

 private:
  // Models of the same labels are the same to rules.
  const model::ZoneMask& under_rules(const model::Labels& weights) {
    const auto known = std::ranges::find(under_rules_, weights, &Known::weights);
    if (known != under_rules_.end()) return known->zones;
    const RuleSubject subject{&weights, workspace_.labels, date_};
    return under_rules_.emplace_back(weights, zones_under_rules(world_, subject)).zones;
  }

  struct Known {
    model::Labels weights;
    model::ZoneMask zones;
  };

  const model::World& world_;
  const model::Workspace& workspace_;
  WallTime date_;
  model::ZoneMask in_scopes_;
  std::vector<Known> under_rules_;
};

struct Loss {
  std::string first;  // of the models
  std::size_t zones = 0;
  std::size_t models = 0;
};

Loss compare(const model::World& before, RunnableZones old, const model::World& after,
             RunnableZones fresh) {
  Loss loss;
  for (std::size_t i = 0; i < before.network().models.size(); ++i) {
    const ModelIndex model{static_cast<std::uint16_t>(i)};
    const auto kept = after.find_model(before.model(model).name);
    if (!kept || after.placement(*kept).empty()) continue;
    const std::size_t zones = old.of(model).size();
    if (zones == 0 || !fresh.of(*kept).empty()) continue;
    if (loss.models++ == 0) loss = {before.model(model).name, zones, 1};
  }
  return loss;
}

std::string render(const Loss& loss, const std::string& workspace, WallTime date, WallTime now) {
  const std::string others = loss.models == 1 ? "" : fmt::format(" (and {} more)", loss.models - 1);
  return fmt::format("Zones in which workspace '{}' may run model '{}'{}: none instead of {}{}.",
                     workspace, loss.first, others, loss.zones, since(date, now));
}

}  // namespace

std::vector<std::string> lost_models(const Standing& before, const Standing& after, WallTime now) {
  const auto dates = rule_dates(before, after, now);
  using Scopes = std::vector<std::string>;
  std::set<std::tuple<Scopes, model::Labels, Scopes, model::Labels>> seen;
  std::vector<std::string> sentences;
  for (const model::Workspace& old : before.workspaces) {
    const auto kept = std::ranges::find(after.workspaces, old.name, &model::Workspace::name);
    if (kept == after.workspaces.end() || kept->scopes.empty()) continue;
    if (!seen.emplace(old.scopes, old.labels, kept->scopes, kept->labels).second) continue;
    for (const WallTime date : dates) {
      const Loss loss =
          compare(before.world, {before.world, old, date}, after.world, {after.world, *kept, date});
      if (loss.models == 0) continue;
      sentences.push_back(render(loss, old.name, date, now));
      break;
    }
  }
  return sentences;
}

}  // namespace portolan::policy

#include "policy/allowed_zones.h"

#include <fmt/format.h>

#include "policy/entry_zones.h"
#include "policy/list_models.h"
#include "policy/sentence.h"
#include "policy/test_seams.h"
#include "policy/zones_of_narrowing.h"
#include "policy/zones_of_scopes.h"
#include "policy/zones_under_rules.h"

namespace portolan::policy {
namespace {

using model::RequestFacts;
using model::View;
using model::ZoneMask;

// One question: may this request run somewhere? All that its parts are asked of.
struct Question {
  const View& view;
  const Caller& caller;
  const EntryGrant& grant;
  const RequestFacts& facts;
  WorkspaceIndex workspace;
  ModelIndex model;
  WallTime now;

  const model::World& world() const { return *view.world; }
  const model::Narrowing& narrowing() const { return facts.narrowing; }
  RuleSubject subject() const {
    return {&world().model(model).labels, view.keyring->workspace(workspace).labels, now};
  }
};

Fault model_not_found(const View& view, const Caller& caller, const EntryGrant& grant,
                      const RequestFacts& facts, WallTime now) {
  std::vector<std::string> usable;
  for (const ModelIndex model : list_models(view, caller, grant, now)) {
    usable.push_back(view.world->model(model).name);
  }
  return refuse(Code::model_not_found,
                fmt::format("Workspace {} can run no model {}. It can run: {}.",
                            in_quotes(caller.workspace_name), in_quotes(facts.model),
                            usable.empty() ? "none" : list_in_quotes(usable)));
}

// The body's narrowing as masks: of where it may be processed, and in `grant`'s
// zones the head's.
Result<ZoneMask> narrowed_to(const Question& q) {
  ZoneMask zones = q.grant.zones;
  if (!q.narrowing().scope.empty()) {
    TRY(const auto scope, zones_of_requested_scope(q.world(), q.narrowing().scope));
    zones &= scope.zones;
  }
  TRY(const auto named, zones_of_narrowing(q.world(), q.narrowing().only, q.narrowing().ignore));
  return zones & named;
}

Fault denied_by_rules(const Question& q, const ZoneMask& placed) {
  const bool by_data = (placed & q.view.masks->data_zones(q.workspace, q.now)).empty();
  return refuse(by_data ? Code::scope_denied : Code::model_denied,
                fmt::format("Rules {} leave workspace {} no zone of its scopes for model {}.",
                            list_in_quotes(rules_against(q.world(), q.subject(), placed)),
                            in_quotes(q.caller.workspace_name), in_quotes(q.facts.model)));
}

Fault denied_by_narrowing(const Question& q, const ZoneMask& wanted) {
  std::string asked;
  const auto add = [&](const std::string& part) { asked += (asked.empty() ? "" : ", ") + part; };
  if (!q.grant.scope.empty()) add("portolan-scope: " + in_quotes(q.grant.scope));
  if (!q.narrowing().scope.empty()) add("scope: " + in_quotes(q.narrowing().scope));
  if (!q.narrowing().only.empty()) add("only: " + list_in_quotes(q.narrowing().only));
  if (!q.narrowing().ignore.empty()) add("ignore: " + list_in_quotes(q.narrowing().ignore));
  const auto rules = rules_against(q.world(), q.subject(), wanted);
  return refuse(Code::scope_denied,
                fmt::format("The request narrows its zones ({}) to none that runs model {}{}.",
                            asked, in_quotes(q.facts.model),
                            rules.empty() ? "" : " under rules " + list_in_quotes(rules)));
}

// Refuses when the body, or a rule that began since the head was read, keeps the
// request out of the zone that has read it.
Status entry_still_holds(const Question& q) {
  TRY(const auto entry, entry_of_body(q.world(), q.narrowing(), q.grant.anywhere));
  const ZoneMask lawful = q.view.masks->data_zones(q.workspace, q.now);
  if ((entry & lawful).contains(q.grant.here)) return {};
  return wrong_region(
      q.world(), q.grant.here,
      lawful.contains(q.grant.here) ? "the body's own narrowing" : "a rule that holds from now on",
      entry_urls(q.view, q.caller, q.grant.scope, q.narrowing(), q.now));
}

// What restrictions leave.
Result<ZoneMask> open_zones(const Question& q, const ZoneMask& zones) {
  const ZoneMask permitted =
      zones - model::zones_restricted(q.world(), q.view.restrictions->denied);
  if (permitted.empty()) {
    return refuse(Code::scope_denied,
                  fmt::format("A restriction denies every zone that could run model {} for this "
                              "request.",
                              in_quotes(q.facts.model)));
  }
  const ZoneMask open =
      permitted - model::zones_restricted(q.world(), q.view.restrictions->drained);
  if (open.empty()) {
    return Fault{Code::scope_exhausted, Retry::later,
                 fmt::format("All zones that could run model {} for this request are drained.",
                             in_quotes(q.facts.model))};
  }
  return open;
}

Result<AllowedZones> answer(const Question& q) {
  const ZoneMask& placement = q.world().placement(q.model);
  if (test_seams.skip_entry_mask) return AllowedZones{q.model, placement};

  const ZoneMask placed = q.grant.key_zones & placement;
  if (placed.empty()) return model_not_found(q.view, q.caller, q.grant, q.facts, q.now);
  const ZoneMask ruled = placed & q.view.masks->zones(q.workspace, q.model, q.now);
  if (ruled.empty()) return denied_by_rules(q, placed);
  TRY(const auto wanted, narrowed_to(q));
  const ZoneMask narrowed = ruled & wanted;
  if (narrowed.empty()) return denied_by_narrowing(q, placed & wanted);
  TRY_DO(entry_still_holds(q));
  TRY(const auto open, open_zones(q, narrowed));
  return AllowedZones{q.model, open};
}

}  // namespace

Result<AllowedZones> allowed_zones(const View& view, const Caller& caller, const EntryGrant& grant,
                                   const RequestFacts& facts, WallTime now) {
  if (!view.complete()) return no_world();
  if (grant.world != view.world.get()) {
    return refuse_here(Code::world_skew,
                       "The request entered under another World than it is decided under.");
  }
  TRY(const auto workspace, workspace_of(view, caller));
  const auto model = view.world->find_model(facts.model);
  if (!model) return model_not_found(view, caller, grant, facts, now);
  EntryGrant current = grant;
  TRY(const auto scopes,
      zones_of_scopes(*view.world, view.keyring->workspace(workspace).scopes, caller.key_scopes));
  current.key_zones &= scopes.zones;
  current.zones &= scopes.zones;
  return answer(Question{view, caller, current, facts, workspace, *model, now});
}

model::HopFacts hop_facts(const View& view, const Caller& caller, const EntryGrant& grant,
                          const RequestFacts& facts) {
  model::HopFacts hop{.workspace = caller.workspace_name,
                      .key_id = caller.key_id,
                      .workspace_scopes = {},
                      .key_scopes = caller.key_scopes,
                      .requested_scopes = {},
                      .labels = {},
                      .only = facts.narrowing.only,
                      .ignore = facts.narrowing.ignore,
                      .model = facts.model};
  if (const auto index = view.keyring->find_workspace(caller.workspace_name)) {
    hop.workspace_scopes = view.keyring->workspace(*index).scopes;
    hop.labels = view.keyring->workspace(*index).labels;
  }
  for (const std::string& scope : {grant.scope, facts.narrowing.scope}) {
    if (!scope.empty()) hop.requested_scopes.push_back(scope);
  }
  return hop;
}

}  // namespace portolan::policy

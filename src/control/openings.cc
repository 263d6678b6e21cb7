#include "control/openings.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/offload.h"
#include "world/suggest.h"

namespace portolan::control {
namespace {

std::string_view phase_of(const OpeningRecord& record) {
  return opening_phase_names[static_cast<std::size_t>(record.phase)];
}

Fault conflict(std::string sentence) {
  return {Code::resource_conflict, Retry::never, std::move(sentence)};
}

std::string described(const OpeningRecord& record) {
  return fmt::format("Opening '{}' of {} '{}'", record.name,
                     record.zone.empty() ? "region" : "zone", place_of(record));
}

bool same_place(const OpeningRecord& record, const OpeningRecord& other) {
  return record.region == other.region && record.zone == other.zone;
}

// A zone and its region, or the same one.
bool overlap(const OpeningRecord& record, const OpeningRecord& other) {
  return record.region == other.region &&
         (record.zone.empty() || other.zone.empty() || record.zone == other.zone);
}

Status check_others(const std::vector<KeptOpening>& all, const OpeningRecord& wanted) {
  for (const auto& [record, revision] : all) {
    if (record.name == wanted.name && same_place(record, wanted)) continue;
    if (record.phase == OpeningPhase::serving && record.name != wanted.name) continue;
    if (!overlap(record, wanted) && record.name != wanted.name) continue;
    return conflict(fmt::format("{} is not done: it is {}. {} cannot begin beside it.",
                                described(record), phase_of(record), described(wanted)));
  }
  return {};
}

bool says_nothing_new(const Applied& applied) {
  return std::ranges::all_of(applied.results, [](const Applied::Resource& result) {
    return result.action == Applied::Action::unchanged;
  });
}

}  // namespace

runtime::Task<Result<DecidedOpen>> Openings::decide(OpenRequest request, bool shares) {
  auto work = [contents = control_.state().contents, asked = std::move(request), shares] {
    return decide_open(*contents, asked, shares);
  };
  auto offloaded = runtime::offload(shard_, std::move(work));
  auto decided = co_await offloaded;
  co_return decided;
}

runtime::Task<Result<Openings::Opened>> Openings::open(OpenRequest request, Actor by) {
  auto& turns = driver_.turns();
  CO_TRY_DO(co_await turns.take());
  auto opened = co_await open_in_turn(std::move(request), std::move(by));
  turns.end();
  driver_.wake();
  co_return opened;
}

// What the file says is held against what is stored as any apply is, and then again with its place
// closed.
runtime::Task<Result<Openings::Opened>> Openings::open_in_turn(OpenRequest request, Actor by) {
  ApplyRequest as_written{.source = request.source, .text = request.text, .dry_run = true};
  CO_TRY(auto applied, co_await control_.apply(std::move(as_written), by));
  if (!applied.problems.empty()) co_return Opened{std::move(applied), std::nullopt};
  // First as if it shared, which only says what the file opens.
  CO_TRY(auto decided, co_await decide(request, true));
  CO_TRY(auto kept, co_await find_for(decided.opening, decided.region));
  if (kept.revision != 0 && kept.record.phase == OpeningPhase::sharing) {
    auto kept_on = co_await keep_sharing(std::move(decided), std::move(request), std::move(kept),
                                         std::move(by));
    co_return kept_on;
  }
  CO_TRY(decided, co_await decide(request, false));
  auto opened =
      co_await apply_closed(std::move(decided), std::move(request), std::move(kept), std::move(by));
  co_return opened;
}

// What is stored of that name, or a new one.
runtime::Task<Result<KeptOpening>> Openings::find_for(model::Opening opening, std::string region) {
  CO_TRY(auto all, co_await book_.read());
  KeptOpening wanted;
  wanted.record.name = opening.name;
  wanted.record.region = std::move(region);
  wanted.record.zone = opening.zone;
  CO_TRY_DO(check_others(all, wanted.record));
  for (auto& kept : all) {
    if (kept.record.name == opening.name) co_return std::move(kept);
  }
  if (all.size() >= model::openings_max.count()) {
    co_return Fault{Code::limit_exceeded, Retry::never,
                    fmt::format("There are {} openings; {} is {}.", all.size(),
                                model::openings_max.name, model::openings_max.value)};
  }
  co_return wanted;
}

runtime::Task<Result<Openings::Opened>> Openings::keep_sharing(DecidedOpen decided,
                                                               OpenRequest request,
                                                               KeptOpening kept, Actor by) {
  ApplyRequest same{.source = request.source, .text = std::move(decided.text), .dry_run = true};
  CO_TRY(auto applied, co_await control_.apply(std::move(same), std::move(by)));
  if (!says_nothing_new(applied)) {
    co_return conflict(fmt::format(
        "{} takes a share of its traffic; 'portolan {} stop {}' it "
        "before its file is changed.",
        described(kept.record), kept.record.zone.empty() ? "region" : "zone", kept.record.name));
  }
  Opened opened{std::move(applied), std::nullopt};
  if (!request.dry_run) opened.record = std::move(kept.record);
  co_return opened;
}

runtime::Task<Result<Openings::Opened>> Openings::apply_closed(DecidedOpen decided,
                                                               OpenRequest request,
                                                               KeptOpening kept, Actor by) {
  ApplyRequest closed{
      .source = request.source, .text = std::move(decided.text), .dry_run = request.dry_run};
  CO_TRY(auto applied, co_await control_.apply(std::move(closed), by));
  Opened opened{std::move(applied), std::nullopt};
  if (!opened.applied.problems.empty() || request.dry_run) co_return opened;
  auto& record = kept.record;
  const bool goes_on = kept.revision != 0 && is_under_way(record.phase);
  if (goes_on && says_nothing_new(opened.applied)) {
    opened.record = record;
    co_return opened;
  }
  // What was taken out is put back when its rule is with every gateway.
  const bool was_out =
      record.phase == OpeningPhase::closed || record.phase == OpeningPhase::drained;
  if (kept.revision != 0 && was_out) record.closing = true;
  record.began = shard_.wall_now();
  record.by = by.admin;
  std::string done = "begun";
  CO_TRY_DO(co_await begin_again(kept, std::move(done), std::move(by)));
  opened.record = record;
  co_return opened;
}

// At the first gate, once its World is with every gateway.
runtime::Task<Status> Openings::begin_again(KeptOpening& kept, std::string done, Actor by) {
  auto& record = kept.record;
  record.phase = OpeningPhase::applying;
  record.why.clear();
  record.shares.clear();
  record.gates = gates_to_ask(driver_.opening_of(record));
  record.world = control_.state().numbers.world;
  const Status put = co_await book_.put(kept, std::move(done), std::move(by));
  co_return put;
}

runtime::Task<Result<std::vector<OpeningRecord>>> Openings::list() {
  CO_TRY(auto all, co_await book_.read());
  std::vector<OpeningRecord> records;
  for (auto& kept : all) records.push_back(std::move(kept.record));
  co_return records;
}

runtime::Task<Result<OpeningRecord>> Openings::find(std::string name) {
  CO_TRY(auto kept, co_await find_kept(std::move(name)));
  co_return std::move(kept.record);
}

// By its name, or by its place's.
runtime::Task<Result<KeptOpening>> Openings::find_kept(std::string name) {
  CO_TRY(auto all, co_await book_.read());
  std::vector<std::string_view> known;
  for (auto& kept : all) {
    if (kept.record.name == name) co_return std::move(kept);
    known.push_back(kept.record.name);
    known.push_back(place_of(kept.record));
  }
  // Of several that were of a place, the one that changed last.
  KeptOpening* found = nullptr;
  for (auto& kept : all) {
    if (place_of(kept.record) != name) continue;
    if (found == nullptr || kept.record.changed > found->record.changed) found = &kept;
  }
  if (found != nullptr) co_return std::move(*found);
  co_return Fault{Code::resource_not_found, Retry::never,
                  fmt::format("There is no Opening '{}', nor one of a region or zone of that "
                              "name.{}",
                              name, world::did_you_mean(name, known))};
}

}  // namespace portolan::control

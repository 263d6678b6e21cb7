#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/decide_open.h"
#include "control/opening_driver.h"

namespace portolan::control {

// Places that are opened, drained and closed: what operators ask for, and what takes it from step
// to step. A name is that of an Opening, or of the region or zone that it opens.
//
// Lives on: control's shard.  Owner: the process's root task.
class Openings {
 public:
  Openings(runtime::Shard& shard, Control& control, store::ControlStore& store, OpeningLook& look)
      : shard_(shard),
        control_(control),
        book_(shard, control, store),
        driver_(shard, control, store, book_, look) {}

  // Takes openings from step to step, until it is cancelled.
  runtime::Task<void> run() { return driver_.run(); }

  struct Opened {
    Applied applied;                      // of the file, its closing rule with it
    std::optional<OpeningRecord> record;  // nothing: there are problems, or it was a dry run
  };
  // Applies the file's resources, closed, and begins at the first gate. An opening that goes on
  // already and whose file says nothing new goes on; one that was held, stopped or closed begins
  // again. Errors: as decide_open and Control::apply; resource_conflict for a place that another
  // opening has, and for a new file of one that shares.
  runtime::Task<Result<Opened>> open(OpenRequest request, Actor by);

  // All of these: resource_not_found for a name that none has; resource_conflict where it is in
  // another phase; those of the store. A place that shares is closed at once.
  runtime::Task<Result<OpeningRecord>> stop(std::string name, Actor by);
  // From the first gate on.
  runtime::Task<Result<OpeningRecord>> resume(std::string name, Actor by);
  // It takes nothing new. Nothing: no Opening is of that place. Errors: also change_guarded.
  runtime::Task<Result<std::optional<OpeningRecord>>> drain(std::string name, Actor by);
  // Drained, and closed by its rule. Errors: also change_guarded.
  runtime::Task<Result<OpeningRecord>> close(std::string name, Actor by);
  // No longer drained, closed by its rule, and from the first gate on.
  runtime::Task<Result<OpeningRecord>> reopen(std::string name, Actor by);

  runtime::Task<Result<std::vector<OpeningRecord>>> list();
  runtime::Task<Result<OpeningRecord>> find(std::string name);

 private:
  enum class Wish : std::uint8_t { stop, resume, close, reopen };

  runtime::Task<Result<Opened>> open_in_turn(OpenRequest request, Actor by);
  runtime::Task<Result<Opened>> apply_closed(DecidedOpen decided, OpenRequest request,
                                             KeptOpening kept, Actor by);
  runtime::Task<Result<Opened>> keep_sharing(DecidedOpen decided, OpenRequest request,
                                             KeptOpening kept, Actor by);
  runtime::Task<Result<DecidedOpen>> decide(OpenRequest request, bool shares);
  runtime::Task<Result<KeptOpening>> find_kept(std::string name);
  runtime::Task<Result<KeptOpening>> find_for(model::Opening opening, std::string region);
  runtime::Task<Result<OpeningRecord>> fulfil(Wish wish, std::string name, Actor by);
  runtime::Task<Result<OpeningRecord>> fulfil_in_turn(Wish wish, std::string name, Actor by);
  runtime::Task<Status> change(Wish wish, KeptOpening& kept, Actor by);
  runtime::Task<Status> begin_again(KeptOpening& kept, std::string done, Actor by);
  runtime::Task<Result<std::optional<OpeningRecord>>> drain_in_turn(std::string name, Actor by);
  runtime::Task<Status> drain_place(std::string place, Actor by);

  runtime::Shard& shard_;
  Control& control_;
  OpeningBook book_;
  OpeningDriver driver_;
};

}  // namespace portolan::control

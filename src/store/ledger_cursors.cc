#include "store/ledger_cursors.h"

namespace portolan::store {

Result<LedgerCursors::Cursor*> LedgerCursors::cursor(std::uint64_t epoch) {
  const auto found = cursors_.find(epoch);
  if (found != cursors_.end()) return &found->second;
  TRY(auto select, database_.prepare("SELECT known FROM cursor WHERE gateway = ? AND epoch = ?"));
  select.bind(1, gateway_).bind(2, epoch);
  TRY(const bool row, select.step());
  auto& made = cursors_[epoch];
  if (row) made.known = select.whole(0);
  return &made;
}

Status LedgerCursors::add_gap(std::uint64_t epoch, std::uint64_t first, std::uint64_t last,
                              WallTime since) {
  if (first > last) return {};
  TRY(auto insert, database_.prepare("INSERT INTO gap VALUES (?, ?, ?, ?, ?)"));
  insert.bind(1, gateway_).bind(2, epoch).bind(3, first).bind(4, last).bind(5, since.ns);
  return insert.run();
}

Result<bool> LedgerCursors::receive(std::uint64_t epoch, std::uint64_t number) {
  TRY(Cursor * at, cursor(epoch));
  at->heard = true;
  at->changed = true;
  if (number <= at->known) return fill(epoch, number);
  TRY_DO(expect(epoch, number - 1));
  at->known = number;
  return true;
}

Status LedgerCursors::expect(std::uint64_t epoch, std::uint64_t last) {
  TRY(Cursor * at, cursor(epoch));
  if (last <= at->known) return {};
  TRY_DO(add_gap(epoch, at->known + 1, last, now_));
  opened_.push_back({gateway_, epoch, at->known + 1, last, now_});
  at->known = last;
  at->changed = true;
  return {};
}

Result<bool> LedgerCursors::fill(std::uint64_t epoch, std::uint64_t number) {
  TRY(auto take, database_.prepare("DELETE FROM gap WHERE gateway = ?1 AND epoch = ?2 "
                                   "AND first <= ?3 AND last >= ?3 RETURNING first, last, since"));
  take.bind(1, gateway_).bind(2, epoch).bind(3, number);
  TRY(const bool in_gap, take.step());
  if (!in_gap) return false;
  const auto first = take.whole(0);
  const auto last = take.whole(1);
  const WallTime since{static_cast<std::int64_t>(take.whole(2))};
  take.reset();
  TRY_DO(add_gap(epoch, first, number - 1, since));
  TRY_DO(add_gap(epoch, number + 1, last, since));
  const bool goes_on =
      !filled_.empty() && filled_.back().epoch == epoch && filled_.back().last + 1 == number;
  if (goes_on) {
    filled_.back().last = number;
  } else {
    filled_.push_back({gateway_, epoch, number, number, since});
  }
  return true;
}

Status LedgerCursors::write(const std::string& zone) {
  TRY(auto put, database_.prepare(
                    "INSERT INTO cursor VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT(gateway, epoch) "
                    "DO UPDATE SET known = ?4, received = max(received, ?5)"));
  for (const auto& [epoch, at] : cursors_) {
    if (!at.changed) continue;
    put.bind(1, gateway_).bind(2, epoch).bind(3, zone).bind(4, at.known);
    put.bind(5, at.heard ? now_.ns : 0);
    TRY_DO(put.run());
    put.reset();
  }
  return {};
}

Status LedgerCursors::read_missing(LedgerTaken& taken) {
  TRY(auto select, database_.prepare("SELECT epoch, first, last, since FROM gap "
                                     "WHERE gateway = ? ORDER BY epoch, first LIMIT ?"));
  select.bind(1, gateway_).bind(2, ledger_page_rows_max.value);
  for (;;) {
    TRY(const bool row, select.step());
    if (!row) return {};
    taken.missing.push_back({.gateway = gateway_,
                             .epoch = select.whole(0),
                             .first = select.whole(1),
                             .last = select.whole(2),
                             .since = {static_cast<std::int64_t>(select.whole(3))}});
  }
}

Result<std::uint64_t> LedgerCursors::through(std::uint64_t epoch) {
  TRY(auto select, database_.prepare("SELECT first FROM gap WHERE gateway = ? AND epoch = ? "
                                     "ORDER BY first LIMIT 1"));
  select.bind(1, gateway_).bind(2, epoch);
  TRY(const bool gap, select.step());
  if (gap) return select.whole(0) - 1;
  TRY(const Cursor* at, cursor(epoch));
  return at->known;
}

Status LedgerCursors::finish(const std::string& zone, std::uint64_t epoch, LedgerTaken& taken) {
  TRY(const Cursor* at, cursor(epoch));
  taken.known = at->known;
  TRY_DO(write(zone));
  TRY(taken.through, through(epoch));
  taken.opened = std::move(opened_);
  taken.filled = std::move(filled_);
  return read_missing(taken);
}

}  // namespace portolan::store

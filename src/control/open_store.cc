#include "control/open_store.h"

#include <fmt/format.h>

#include <utility>

#include "store/etcd_control_store.h"
#include "store/sqlite_control_store.h"

namespace portolan::control {
namespace {

std::string file_in(const std::string& folder) { return folder + "/control.db"; }

store::EtcdControlStore::Options etcd_options(const StorePlace& place, const std::string& network) {
  return {.members = *place.etcd, .prefix = "/portolan/" + network};
}

runtime::Task<OpenedStore> open_file(runtime::Shard& shard, std::string folder) {
  store::SqliteControlStore::Options in_file;
  in_file.path = file_in(folder);
  CO_TRY(auto store, co_await store::SqliteControlStore::open(shard, in_file));
  co_return std::move(store);
}

// A control that was told of an etcd before its state was moved there would make
// a network that is new, and no gateway would follow it.
runtime::Task<Status> check_moved(runtime::Shard& shard, store::ControlStore& store,
                                  std::string folder) {
  const auto file = file_in(folder);
  const auto there = shard.disk().read_range(file, 0, 1);
  if (!there && there.error().code == Code::resource_not_found) co_return Status{};
  if (!there) co_return there.error();
  store::RangeRequest any;
  any.keys_max = 1;
  CO_TRY(const auto keys, co_await store.range(std::move(any)));
  if (!keys.items.empty()) co_return Status{};
  co_return Fault{Code::bad_configuration, Retry::never,
                  fmt::format("That etcd holds nothing of this network, and {} is a store. Move it "
                              "first: 'portolan store migrate --from sqlite:{} --to etcd://...'. "
                              "Of a network that is to begin anew, move the file away.",
                              file, folder)};
}

runtime::Task<Status> check_unused(store::EtcdControlStore& store) {
  CO_TRY(const auto users, co_await store.users());
  if (users == 0) co_return Status{};
  co_return Fault{
      Code::resource_conflict, Retry::later,
      fmt::format("{} control{} this store in etcd. Stop every one; a control that was "
                  "killed counts for {} s more.",
                  users, users == 1 ? " uses" : "s use", store::etcd_session_ms.value / 1'000)};
}

}  // namespace

runtime::Task<OpenedStore> open_store(runtime::Shard& shard, StorePlace place,
                                      std::string network) {
  if (!place.etcd) {
    auto in_file = co_await open_file(shard, place.folder);
    co_return in_file;
  }
  auto options = etcd_options(place, network);
  CO_TRY(auto store, co_await store::EtcdControlStore::open(shard, options));
  const Status moved = co_await check_moved(shard, *store, place.folder);
  if (moved) co_return std::move(store);
  co_await store->close();
  co_return moved.error();
}

runtime::Task<OpenedStore> open_for_move(runtime::Shard& shard, StorePlace place,
                                         std::string network, StoreSide side) {
  if (!place.etcd) {
    if (side == StoreSide::target) {
      CO_TRY_DO(shard.disk().make_folder(place.folder));
    } else if (!shard.disk().read_range(file_in(place.folder), 0, 1)) {
      co_return Fault{Code::resource_not_found, Retry::never,
                      fmt::format("There is no {} to move.", file_in(place.folder))};
    }
    auto in_file = co_await open_file(shard, place.folder);
    co_return in_file;
  }
  auto options = etcd_options(place, network);
  options.visitor = true;
  CO_TRY(auto store, co_await store::EtcdControlStore::open(shard, options));
  const Status unused = co_await check_unused(*store);
  if (unused) co_return std::move(store);
  co_await store->close();
  co_return unused.error();
}

}  // namespace portolan::control

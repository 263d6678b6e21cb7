#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "app/commands.h"
#include "app/role.h"
#include "app/store_places.h"
#include "control/run_migrate.h"
#include "wire/json_value.h"

namespace portolan::app {
namespace {

struct StoreFlags {
  std::string network = "local";
  std::string from;
  std::string to;
  std::string output = "table";
};

struct MigrateRun {
  control::MigrateOptions options;
  bool json = false;
};

// A line when something else is done, and every second.
class ProgressLines {
 public:
  explicit ProgressLines(runtime::Shard& shard) : shard_(shard) {}

  void tell(std::string_view doing, std::uint64_t keys, std::uint64_t total) {
    constexpr Duration pause = Duration::seconds(1);
    if (doing == doing_ && shard_.now() < next_) return;
    doing_ = doing;
    next_ = shard_.now() + pause;
    const auto of = total == 0 ? "" : fmt::format(" of {}", total);
    std::cerr << fmt::format("{}: {}{} keys", doing, keys, of) << std::endl;
  }

 private:
  runtime::Shard& shard_;
  std::string doing_;
  Instant next_;
};

std::string render(const control::Migrated& migrated, const control::MigrateOrder& order) {
  const auto& numbers = migrated.numbers;
  return fmt::format(
      "moved {}\n   to {}\n"
      "  epoch {}, World {}, Keyring {}, Restrictions {}; audit log up to {}\n"
      "  {} keys, {} bytes; SHA-256 over all of them:\n"
      "    source {}\n    target {}, the same\n\n"
      "The source says from now on that it was moved, and no control starts on it. Start control\n"
      "as before, but {}.\n"
      "Gateways notice nothing; only a resourceVersion that was read before is out of date.\n",
      order.source, order.target, numbers.epoch, numbers.world, numbers.keyring,
      numbers.restrictions, seal::render_chain_head(migrated.audit), migrated.keys, migrated.bytes,
      migrated.source_sha256, migrated.target_sha256,
      order.target.starts_with("etcd:")
          ? "with --store " + order.target
          : "without --store, with --data " + order.target.substr(order.target.find(':') + 1));
}

std::string render_json(const control::Migrated& migrated, const control::MigrateOrder& order) {
  const auto& numbers = migrated.numbers;
  auto json = wire::Json::object();
  json.set("from", order.source);
  json.set("to", order.target);
  json.set("network", numbers.network);
  json.set("epoch", numbers.epoch);
  json.set("world", numbers.world);
  json.set("keyring", numbers.keyring);
  json.set("restrictions", numbers.restrictions);
  json.set("audit", seal::render_chain_head(migrated.audit));
  json.set("keys", migrated.keys);
  json.set("bytes", migrated.bytes);
  json.set("source_sha256", migrated.source_sha256);
  json.set("target_sha256", migrated.target_sha256);
  return wire::render_pretty(json) + "\n";
}

Result<MigrateRun> read_run(runtime::Shard& shard, const StoreFlags& flags) {
  TRY(auto source, read_place(shard, flags.from));
  TRY(auto target, read_place(shard, flags.to));
  if (source.name == target.name) {
    return Fault{Code::bad_configuration, Retry::never, "--from and --to are the same place."};
  }
  return MigrateRun{.options = {.order = {.network = flags.network,
                                          .source = std::move(source.name),
                                          .target = std::move(target.name)},
                                .source = std::move(source.place),
                                .target = std::move(target.place)},
                    .json = flags.output == "json"};
}

runtime::Task<Status> migrate(runtime::EpollShard& shard, MigrateRun& run, runtime::Event& stop) {
  ProgressLines lines(shard);
  control::MigrateProgress tell = [&lines](std::string_view doing, std::uint64_t keys,
                                           std::uint64_t total) { lines.tell(doing, keys, total); };
  CO_TRY(const auto migrated,
         co_await control::run_migrate(shard, run.options, std::move(tell), stop));
  const auto& order = run.options.order;
  std::cout << (run.json ? render_json(migrated, order) : render(migrated, order));
  co_return Status{};
}

}  // namespace

void add_store(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("store", "where control keeps its state");
  command->require_subcommand(1);
  auto* move = command->add_subcommand(
      "migrate",
      "move control's state between SQLite and etcd, offline; nothing is lost\n"
      "  portolan store migrate --from sqlite:/var/lib/portolan/control --to etcd://10.0.0.1:2379\n"
      "  portolan store migrate --from etcd://10.0.0.1:2379 --to "
      "sqlite:/var/lib/portolan/control\n\n"
      "Stop every control first. The target must be empty. All keys and values are copied, the\n"
      "audit log too, read back and compared by SHA-256; numbers of World, Keyring and "
      "Restrictions\n"
      "stay, so gateways notice nothing. The source keeps everything, but no control starts on it\n"
      "any more. Stopped or killed halfway, control refuses what is half there, and the same "
      "command\n"
      "takes it up again.");
  auto flags = std::make_shared<StoreFlags>();
  move->add_option("--network", flags->network, "whose state it has to be")->capture_default_str();
  move->add_option("--from", flags->from,
                   "sqlite:FOLDER, control's --data, or etcd://... as control's --store")
      ->required();
  move->add_option("--to", flags->to, "the same")->required();
  move->add_option("-o,--output", flags->output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  move->callback([flags, &exit_code] {
    const auto read = [&flags](runtime::EpollShard& shard) { return read_run(shard, *flags); };
    exit_code = run_role("store migrate", {}, read, migrate);
  });
}

}  // namespace portolan::app

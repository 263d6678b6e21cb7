#include <CLI/CLI.hpp>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "cli/catalogue_view.h"
#include "cli/terminal.h"
#include "runtime/epoll_shard.h"

namespace portolan::app {
namespace {

constexpr std::size_t catalogue_file_bytes_max = 256 * 1024 * 1024;
constexpr int catalogue_not_valid = 1;
constexpr int catalogue_not_tried = 2;

struct CatalogueFlags {
  std::string file;
  std::string trust;
  std::string output = "table";
};

Result<std::string> read_named_file(const std::string& path) {
  runtime::EpollShard shard;
  auto text = shard.disk().read(path, catalogue_file_bytes_max);
  if (text) return text;
  return Fault{text.error().code, Retry::never, path + ": " + text.error().message};
}

Result<cli::CatalogueFile> verify_file(const CatalogueFlags& flags) {
  TRY(std::string root_text, read_named_file(flags.trust));
  while (!root_text.empty() && root_text.back() == '\n') root_text.pop_back();
  const auto root = seal::VerifyKey::from_hex(root_text);
  if (!root) {
    return Fault{Code::bad_configuration, Retry::never,
                 flags.trust + " is no root's public key: " + root.error().message};
  }
  TRY(const auto text, read_named_file(flags.file));
  return cli::verify_catalogues(text, *root);
}

int verify_catalogue_file(const CatalogueFlags& flags) {
  const auto file = verify_file(flags);
  if (!file) {
    print_fault("catalogue verify", file.error());
    return catalogue_not_tried;
  }
  if (flags.output == "json") {
    std::cout << wire::render_pretty(cli::catalogues_json(*file)) << '\n';
    return file->is_valid() ? 0 : catalogue_not_valid;
  }
  const auto text = cli::render_catalogues(*file, cli::terminal_columns());
  if (!text) return print_fault("catalogue verify", text.error());
  std::cout << *text;
  return file->is_valid() ? 0 : catalogue_not_valid;
}

}  // namespace

void add_catalogue(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("catalogue",
                                     "what regions offer, signed by control\n"
                                     "  portolan products --signed > catalogue.jws\n"
                                     "  portolan catalogue verify catalogue.jws --trust root.pub");
  command->require_subcommand(1);
  auto* verify = command->add_subcommand(
      "verify",
      "offline: believe signed catalogues, a region on each line, or say which is changed\n"
      "0: valid; 1: not valid; 2: could not be tried");
  auto flags = std::make_shared<CatalogueFlags>();
  verify->add_option("file", flags->file, "what 'portolan products --signed' wrote")->required();
  verify->add_option("--trust", flags->trust, "the network's root.pub")->required();
  verify->add_option("-o,--output", flags->output, "table or json")
      ->check(CLI::IsMember({"table", "json"}));
  verify->callback([flags, &exit_code] { exit_code = verify_catalogue_file(*flags); });
}

}  // namespace portolan::app

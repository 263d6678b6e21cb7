#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "cli/http_call.h"
#include "cli/network_file.h"
#include "cli/receipt_file.h"
#include "cli/receipt_view.h"
#include "runtime/epoll_shard.h"

namespace portolan::app {
namespace {

constexpr std::size_t file_bytes_max = 64 * 1024 * 1024;
constexpr int not_valid = 1;
constexpr int not_tried = 2;

struct ReceiptVerifyFlags {
  std::string receipt;
  std::string answer;
  std::string request;
  std::string trust;
  std::string output = "text";
};

struct ReceiptGetFlags {
  std::string id;
  std::string url;
  std::string home;
  std::string workspace;
};

Result<std::string> read_file(runtime::Disk& disk, const std::string& path) {
  auto text = disk.read(path, file_bytes_max);
  if (text) return text;
  return Fault{text.error().code, Retry::never, path + ": " + text.error().message};
}

Result<seal::VerifyKey> read_root(runtime::Disk& disk, const std::string& path) {
  TRY(std::string text, read_file(disk, path));
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  auto root = seal::VerifyKey::from_hex(text);
  if (root) return root;
  return Fault{Code::bad_configuration, Retry::never,
               path + " is no root's public key: " + root.error().message};
}

Status compare_files(runtime::Disk& disk, const ReceiptVerifyFlags& flags,
                     const cli::SavedReceipt& saved, cli::ReceiptReport& report) {
  const seal::ReceiptFacts& facts = report.verdict.facts;
  if (!flags.request.empty()) {
    TRY(const std::string request, read_file(disk, flags.request));
    report.verdict.flaw = seal::find_request_flaw(facts, request);
    report.request = cli::Compared::equal;
  }
  std::optional<std::string> answer = saved.answer;
  if (!flags.answer.empty()) {
    TRY(answer, read_file(disk, flags.answer));
  }
  if (!answer || report.verdict.flaw) return {};
  // Beside a receipt that covers no content, an answer was just saved with it.
  if (flags.answer.empty() && !facts.content) {
    report.answer = cli::Compared::not_covered;
    return {};
  }
  report.verdict.flaw = cli::find_saved_answer_flaw(facts, *answer);
  report.answer = cli::Compared::equal;
  return {};
}

Result<cli::ReceiptReport> verify(const ReceiptVerifyFlags& flags) {
  runtime::EpollShard shard;
  TRY(const seal::VerifyKey root, read_root(shard.disk(), flags.trust));
  TRY(const std::string text, read_file(shard.disk(), flags.receipt));
  auto saved = cli::parse_saved_receipt(text);
  if (!saved) {
    return Fault{saved.error().code, Retry::never, flags.receipt + ": " + saved.error().message};
  }
  cli::ReceiptReport report;
  report.verdict = seal::verify_receipt(saved->jws, root);
  if (!report.verdict.flaw) {
    TRY_DO(compare_files(shard.disk(), flags, *saved, report));
  }
  return report;
}

int run_verify(const ReceiptVerifyFlags& flags) {
  const auto report = verify(flags);
  if (!report) {
    print_fault("receipt verify", report.error());
    return not_tried;
  }
  std::cout << (flags.output == "json" ? wire::render_pretty(report_json(*report)) + "\n"
                                       : render_report(*report));
  return report->verdict.flaw ? not_valid : 0;
}

// Where to ask, and by which keys one after the other.
struct Asking {
  std::string url;
  std::vector<std::string> keys;
};

// Of a network that `up` runs: the region where the request entered, which the
// id begins with, and the key of each workspace, or of the one that is named.
Status fill_in(const ReceiptGetFlags& flags, Asking& asking) {
  runtime::EpollShard shard;
  TRY(const std::string text, read_file(shard.disk(), flags.home + "/network.json"));
  TRY(const cli::NetworkFile file, cli::parse_network_file(text));
  for (const auto& zone : file.zones) {
    if (!asking.url.empty() || !flags.id.starts_with(zone.name + "-")) continue;
    const auto region = std::ranges::find(file.regions, zone.region, &cli::NetworkFile::Region::name);
    if (region != file.regions.end()) asking.url = region->url;
  }
  if (asking.url.empty()) {
    return Fault{Code::receipt_not_found, Retry::never,
                 "the id names no zone of the network in " + flags.home};
  }
  if (!asking.keys.empty()) return {};
  for (const auto& workspace : file.workspaces) {
    if (flags.workspace.empty() || workspace.name == flags.workspace) {
      asking.keys.push_back(workspace.key);
    }
  }
  if (!asking.keys.empty()) return {};
  return Fault{Code::missing_key, Retry::never,
               flags.home + " has no key of a workspace '" + flags.workspace + "'"};
}

int run_get(const ReceiptGetFlags& flags) {
  Asking asking;
  asking.url = flags.url;
  if (auto key = environment("PORTOLAN_API_KEY"); !key.empty()) asking.keys = {std::move(key)};
  if (asking.url.empty() || asking.keys.empty()) {
    const Status filled = fill_in(flags, asking);
    if (!filled) return print_fault("receipt get", filled.error());
  }
  std::string refusal;
  for (const std::string& key : asking.keys) {
    http::Request request;
    request.target = "/v1/receipts/" + flags.id;
    request.fields = {{"authorization", "Bearer " + key}};
    const auto answer = cli::call_url(asking.url, std::move(request));
    if (!answer) return print_fault("receipt get", answer.error());
    if (answer->status == 200) {
      std::cout << answer->body;
      return 0;
    }
    // What a key may not see is 403 or 404; anything else says more.
    if (refusal.empty() || answer->status >= 500) refusal = answer->body;
  }
  std::cerr << "portolan receipt get: " << asking.url << " answers: " << refusal << '\n';
  return 1;
}

}  // namespace

void add_receipt(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "receipt", "where and by what an answer was computed, signed by the zone that did\n"
                 "  portolan receipt get ID > receipt.jws\n"
                 "  portolan receipt verify receipt.jws --answer answer.json --trust root.pub");
  command->require_subcommand(1);

  auto* verify_command = command->add_subcommand(
      "verify",
      "offline: believe a receipt, or say what in it was changed\n"
      "0: valid; 1: not valid; 2: could not be tried\n"
      "  curl -N ... > stream.txt; portolan receipt verify stream.txt --trust root.pub");
  auto flags = std::make_shared<ReceiptVerifyFlags>();
  verify_command
      ->add_option("file", flags->receipt,
                   "a receipt, an answer's head (curl -i, -D) or a stream (curl -N) that has one")
      ->required();
  verify_command->add_option("--answer", flags->answer, "the answer's body, or head and body");
  verify_command->add_option("--request", flags->request, "the request's body");
  verify_command->add_option("--trust", flags->trust, "the network's root.pub")->required();
  verify_command->add_option("-o,--output", flags->output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  verify_command->callback([flags, &exit_code] { exit_code = run_verify(*flags); });

  auto* get_command = command->add_subcommand(
      "get", "fetch the receipt of a request by its id (portolan-request-id)\n"
             "  portolan receipt get eu-central-1a-1-1-2f");
  auto get_flags = std::make_shared<ReceiptGetFlags>();
  get_flags->home = default_home();
  get_command->add_option("id", get_flags->id, "the request's id")->required();
  get_command->add_option("--url", get_flags->url,
                          "a front door; the key is in PORTOLAN_API_KEY. Default: of --home");
  get_command->add_option("--home", get_flags->home, "folder of a network that 'portolan up' runs")
      ->capture_default_str();
  get_command->add_option("--workspace", get_flags->workspace,
                          "whose key of --home is shown; default: each");
  get_command->callback([get_flags, &exit_code] { exit_code = run_get(*get_flags); });
}

}  // namespace portolan::app

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "cli/audit_view.h"
#include "runtime/kernel_disk.h"

namespace portolan::app {
namespace {

constexpr std::size_t export_bytes_max = std::size_t{4} << 30;
constexpr std::uint64_t page_entries = 500;

struct AuditFlags {
  std::uint64_t from = 0;
  std::uint64_t limit = 50;
  std::string file;
  std::string expect;
};

std::string page_target(std::uint64_t from, std::uint64_t limit) {
  auto target = "/admin/v1/audit?limit=" + std::to_string(limit);
  if (from > 0) target += "&from=" + std::to_string(from);
  return target;
}

Result<cli::AuditPage> fetch_page(const cli::AdminAccess& access, std::uint64_t from) {
  TRY(const auto answer, cli::call_admin(access, "GET", page_target(from, page_entries), ""));
  return cli::read_audit_page(answer);
}

// Hands over every entry up to the head that the log had at the beginning.
Result<seal::ChainHead> read_log(const cli::AdminAccess& access,
                                 const std::function<Status(std::string_view)>& take) {
  TRY(auto page, fetch_page(access, 1));
  const auto head = page.head;
  std::uint64_t taken = 0;
  while (taken < head.number && !page.entries.empty()) {
    for (const auto& entry : page.entries) {
      if (taken++ < head.number) TRY_DO(take(entry));
    }
    if (taken < head.number) {
      TRY(page, fetch_page(access, taken + 1));
    }
  }
  return head;
}

int run_list(const AdminFlags& admin, const AuditFlags& flags) {
  const auto access = access_of(admin);
  if (!access) return print_fault("audit list", access.error());
  const auto answer = cli::call_admin(*access, "GET", page_target(flags.from, flags.limit), "");
  if (!answer) return print_fault("audit list", answer.error());
  std::cout << (admin.output == "json" ? wire::render_pretty(*answer) + "\n"
                                       : cli::render_audit_page(*answer));
  return 0;
}

Status check_online(const AdminFlags& admin, seal::ChainCheck& check) {
  TRY(const auto access, access_of(admin));
  TRY(const auto head, read_log(access, [&](std::string_view entry) { return check.add(entry); }));
  if (check.head() != head) {
    return Fault{Code::invalid_resource, Retry::never,
                 "The log that is stored ends with entry " + std::to_string(check.head().number) +
                     ", and control says that it ends with " + seal::render_chain_head(head) +
                     ": what is behind it was removed or replaced."};
  }
  return check.end();
}

Status check_file(const std::string& file, seal::ChainCheck& check) {
  runtime::KernelDisk disk;
  TRY(const auto text, disk.read(file, export_bytes_max));
  return seal::check_export(text, check);
}

// A log that is broken is told from one that could not be read.
int run_verify(const AdminFlags& admin, const AuditFlags& flags) {
  std::optional<seal::ChainHead> remembered;
  if (!flags.expect.empty()) {
    auto read = seal::parse_chain_head(flags.expect);
    if (!read) return print_fault("audit verify", read.error()) + 1;
    remembered = std::move(*read);
  }
  seal::ChainCheck check(std::move(remembered));
  const Status whole =
      flags.file.empty() ? check_online(admin, check) : check_file(flags.file, check);
  if (!whole && whole.error().code != Code::invalid_resource) {
    return print_fault("audit verify", whole.error()) + 1;
  }
  if (admin.output == "json") {
    auto json = wire::Json::object();
    json.set("whole", whole.has_value());
    json.set("entries", check.head().number);
    json.set("head", seal::render_chain_head(check.head()));
    json.set("fault", whole ? wire::Json() : wire::Json(whole.error().message));
    std::cout << wire::render_pretty(json) << '\n';
  } else if (whole) {
    std::cout << "whole: " << check.head().number << " entries, none changed, removed or moved\n"
              << "head " << seal::render_chain_head(check.head())
              << "\nKeep the head elsewhere and give it to --expect the next time.\n";
  } else {
    std::cout << "NOT WHOLE. " << whole.error().message << "\nBelieve what stands before it; "
              << "look for the rest in an export that verifies.\n";
  }
  return whole ? 0 : 1;
}

Status export_log(const AdminFlags& admin, const std::string& file, seal::ChainHead& head) {
  TRY(const auto access, access_of(admin));
  std::string entries;
  TRY(head, read_log(access, [&](std::string_view entry) -> Status {
        entries.append(entry) += '\n';
        return {};
      }));
  runtime::KernelDisk disk;
  return disk.replace(file, seal::render_export_head(head) + "\n" + entries, true);
}

int run_export(const AdminFlags& admin, const AuditFlags& flags) {
  seal::ChainHead head;
  const Status written = export_log(admin, flags.file, head);
  if (!written) return print_fault("audit export", written.error());
  std::cout << flags.file << ": " << head.number << " entries\nhead "
            << seal::render_chain_head(head) << '\n';
  return 0;
}

void add_verify(CLI::App& command, int& exit_code) {
  auto* verify = command.add_subcommand(
      "verify",
      "hold every entry against the one before it, or name the first that was changed,\n"
      "removed, inserted or moved; 0: whole, 1: not, 2: could not be tried\n"
      "  portolan audit verify\n"
      "  portolan audit verify --file audit.jsonl --expect 812:9f3a...\n\n"
      "A log that was cut at its end, or made anew from some entry on, is whole in itself:\n"
      "only a head that you kept elsewhere shows it. 'verify' prints the head to keep.");
  auto flags = std::make_shared<AuditFlags>();
  auto admin = add_admin_flags(*verify, {"table", "json"});
  verify->add_option("--file", flags->file, "what 'audit export' wrote, offline; default: control");
  verify->add_option("--expect", flags->expect, "NUMBER:HASH, a head that was seen before");
  verify->callback([admin, flags, &exit_code] { exit_code = run_verify(*admin, *flags); });
}

}  // namespace

void add_audit(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "audit",
      "who changed what, when and why: every change by the admin API leaves one entry\n"
      "  portolan audit list\n"
      "  portolan audit verify\n"
      "  portolan audit export audit.jsonl\n\n"
      "Entries are written together with what they tell of, and hold each other by hashes.\n"
      "What was refused changed nothing and leaves none. They are kept for ever.");
  command->require_subcommand(1);
  auto* list = command->add_subcommand("list", "the newest entries, or those from a number on");
  auto flags = std::make_shared<AuditFlags>();
  auto admin = add_admin_flags(*list, {"table", "json"});
  list->add_option("--from", flags->from, "number of the first entry; default: the newest");
  list->add_option("--limit", flags->limit, "entries at most")->capture_default_str();
  list->callback([admin, flags, &exit_code] { exit_code = run_list(*admin, *flags); });

  add_verify(*command, exit_code);

  auto* written = command->add_subcommand("export", "the whole log into a file, a line an entry");
  auto export_flags = std::make_shared<AuditFlags>();
  auto export_admin = add_admin_flags(*written, {"table"});
  written->add_option("file", export_flags->file, "replaced when it is there")->required();
  written->callback([export_admin, export_flags, &exit_code] {
    exit_code = run_export(*export_admin, *export_flags);
  });
}

}  // namespace portolan::app

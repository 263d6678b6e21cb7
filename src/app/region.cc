#include <CLI/CLI.hpp>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "app/follow_opening.h"
#include "app/source_text.h"
#include "cli/json_fields.h"
#include "cli/opening_report.h"
#include "cli/opening_view.h"
#include "cli/resource_view.h"
#include "runtime/epoll_shard.h"
#include "wire/url.h"

namespace portolan::app {
namespace {

constexpr const char* openings_path = "/admin/v1/openings";

// `portolan region` and `portolan zone` are the same commands about other places.
struct OpenFlags {
  std::string noun;
  std::string file;
  bool dry_run = false;
  bool no_wait = false;
};

std::string opening_target(const std::string& name) {
  std::string target = std::string(openings_path) + "/";
  wire::append_percent_encoded(target, name);
  return target;
}

// A dry run is answered as one of `apply` is.
void print_opening(const AdminFlags& admin, const wire::Json& answer) {
  const bool applied = answer.find("phase") == nullptr;
  std::cout << (admin.output == "json" ? wire::render_pretty(answer) + "\n"
                : applied              ? cli::render_applied(answer)
                                       : cli::render_opening(answer));
}

Result<wire::Json> post_opening(const cli::AdminAccess& access, const AdminFlags& admin,
                                const OpenFlags& flags) {
  TRY(std::string text, read_source(flags.file));
  std::string target = std::string(openings_path) + "?source=";
  wire::append_percent_encoded(target, flags.file);
  if (flags.dry_run) target += "&dry_run=1";
  return cli::call_admin(access, "POST", with_reason(std::move(target), admin), std::move(text));
}

int open_place(const AdminFlags& admin, const OpenFlags& flags) {
  const std::string command = flags.noun + " open";
  const auto access = access_of(admin);
  if (!access) return print_fault(command, access.error());
  const auto answer = post_opening(*access, admin, flags);
  if (!answer) return print_fault(command, answer.error());
  if (flags.dry_run || flags.no_wait) {
    print_opening(admin, *answer);
    return 0;
  }
  return follow_opening(
      {command, *access, opening_target(cli::text_of(*answer, "name")), admin.output == "json"});
}

// What stands in a file that opens such a place.
std::string opening_example(const std::string& noun) {
  return noun == "zone" ? "  metadata: {name: seoul-2}\n"
                          "  spec:\n"
                          "    zone: ap-northeast-2b            # of a region that serves\n"
                          "    round_trips: [{to: ap-northeast-1, ms: 50}]\n"
                        : "  metadata: {name: mexico}\n"
                          "  spec:\n"
                          "    region: na-south-1\n"
                          "    round_trips: [{to: us-west-1, ms: 100}]\n"
                          "    skip: [{gate: loss, reason: it has one zone}]   # in every report\n";
}

void add_open(CLI::App& command, int& exit_code, const std::string& noun) {
  auto* open = command.add_subcommand("open",
                                      "apply a file, take the place through its gates, and "
                                      "show how it goes");
  open->footer(
      "The file has the place's own resources (Region, Zones, Deployments) and, besides:\n\n"
      "  apiVersion: portolan/v1\n"
      "  kind: Opening\n" +
      opening_example(noun) +
      "\nNothing of a client goes there before every gate is green; then 1 %, 10 % and 100 % of\n"
      "what it would get. Ctrl-C ends the view alone: the opening goes on.\n\n"
      "Exit code: 0 it serves; 3 it was held or stopped; 1 it could not be begun.");
  auto flags = std::make_shared<OpenFlags>();
  flags->noun = noun;
  auto admin = add_admin_flags(*open, {"table", "json"});
  open->add_option("file", flags->file, "YAML or JSON file; - is standard input")->required();
  add_reason_flag(*open, *admin);
  add_break_glass_flag(*open, *admin);
  open->add_flag("--dry-run", flags->dry_run, "validate and say what would change");
  open->add_flag("--no-wait", flags->no_wait, "begin it, and do not watch");
  open->callback([admin, flags, &exit_code] { exit_code = open_place(*admin, *flags); });
}

void add_status(CLI::App& command, int& exit_code, const std::string& noun) {
  auto* status = command.add_subcommand("status", "openings; of one its gates, shares, what to do");
  auto admin = add_admin_flags(*status, {"table", "json"});
  auto name = std::make_shared<std::string>();
  auto watching = std::make_shared<bool>(false);
  auto* named = status->add_option("name", *name, "of an opening, its region or its zone");
  status
      ->add_flag("--watch", *watching,
                 "again and again until it serves (0), is held, stopped, drained or closed (3)")
      ->needs(named);
  status->callback([admin, name, watching, noun, &exit_code] {
    if (name->empty()) {
      exit_code = call_and_print(noun + " status", *admin,
                                 {.method = "GET", .target = openings_path}, cli::render_openings);
      return;
    }
    if (!*watching) {
      exit_code =
          call_and_print(noun + " status", *admin,
                         {.method = "GET", .target = opening_target(*name)}, cli::render_opening);
      return;
    }
    const auto access = access_of(*admin);
    exit_code = access ? follow_opening({noun + " status", *access, opening_target(*name),
                                         admin->output == "json"})
                       : print_fault(noun + " status", access.error());
  });
}

int report_opening(const AdminFlags& admin, const std::string& noun, const std::string& name,
                   const std::string& file) {
  const auto access = access_of(admin);
  if (!access) return print_fault(noun + " report", access.error());
  const auto answer = cli::call_admin(*access, "GET", opening_target(name), "");
  if (!answer) return print_fault(noun + " report", answer.error());
  const std::string text = admin.output == "json"   ? wire::render_pretty(*answer) + "\n"
                           : admin.output == "html" ? cli::render_opening_page(*answer)
                                                    : cli::render_opening_report(*answer);
  if (file.empty()) {
    std::cout << text;
    return 0;
  }
  runtime::EpollShard shard;
  const Status written = shard.disk().replace(file, text);
  return written ? 0 : print_fault(noun + " report", written.error());
}

void add_report(CLI::App& command, int& exit_code, const std::string& noun) {
  auto* report = command.add_subcommand(
      "report", "what it showed at each gate, with the evidence; -o html for managers");
  auto admin = add_admin_flags(*report, {"text", "json", "html"});
  admin->output = "text";
  auto name = std::make_shared<std::string>();
  auto file = std::make_shared<std::string>();
  report->add_option("name", *name, "of an opening, its region or its zone")->required();
  report->add_option("--to", *file, "write it into this file");
  report->callback([admin, noun, name, file, &exit_code] {
    exit_code = report_opening(*admin, noun, *name, *file);
  });
}

void add_act(CLI::App& command, int& exit_code, const std::string& noun, const std::string& verb,
             const char* help) {
  auto* act = command.add_subcommand(verb, help);
  auto admin = add_admin_flags(*act, {"table", "json"});
  add_reason_flag(*act, *admin);
  add_break_glass_flag(*act, *admin);
  auto name = std::make_shared<std::string>();
  act->add_option("name", *name, "of an opening, its region or its zone")->required();
  act->callback([admin, noun, verb, name, &exit_code] {
    exit_code = call_and_print(noun + " " + verb, *admin,
                               {.method = "POST", .target = opening_target(*name) + "/" + verb},
                               cli::render_opening_act);
  });
}

void add_place_command(CLI::App& app, int& exit_code, const std::string& noun, const char* help) {
  auto* command = app.add_subcommand(noun, help);
  command->require_subcommand(1);
  add_open(*command, exit_code, noun);
  add_status(*command, exit_code, noun);
  add_act(*command, exit_code, noun, "stop", "call the opening off: it is closed to clients again");
  add_act(*command, exit_code, noun, "resume",
          "go on with one that was held or stopped, from the first gate");
  add_report(*command, exit_code, noun);
  add_act(*command, exit_code, noun, "drain", "take nothing new there; what runs ends as it would");
  add_act(*command, exit_code, noun, "close", "drain it, and let no data be there");
  add_act(*command, exit_code, noun, "reopen", "through all gates again, then serve");
}

}  // namespace

void add_region(CLI::App& app, int& exit_code) {
  add_place_command(app, exit_code, "region",
                    "open a region by a file, through gates; drain, close and reopen it\n"
                    "  portolan region open worlds/openings/mexico.yaml\n"
                    "  portolan region status\n"
                    "  portolan region report mexico -o html --to mexico.html");
}

void add_zone(CLI::App& app, int& exit_code) {
  add_place_command(app, exit_code, "zone",
                    "the same for one zone of a region that serves already\n"
                    "  portolan zone open worlds/openings/seoul-2.yaml\n"
                    "  portolan zone drain ap-northeast-2b");
}

}  // namespace portolan::app

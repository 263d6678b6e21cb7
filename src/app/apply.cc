#include <CLI/CLI.hpp>
#include <iostream>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "app/source_text.h"
#include "cli/resource_view.h"
#include "wire/url.h"

namespace portolan::app {
namespace {

struct ApplyFlags {
  std::vector<std::string> files;
  bool dry_run = false;
};

Status apply_file(const cli::AdminAccess& access, const std::string& name, const ApplyFlags& flags,
                  const AdminFlags& admin) {
  TRY(std::string text, read_source(name));
  std::string target = "/admin/v1/apply?source=";
  wire::append_percent_encoded(target, name);
  if (flags.dry_run) target += "&dry_run=1";
  target = with_reason(std::move(target), admin);
  TRY(const wire::Json answer, cli::call_admin(access, "POST", target, std::move(text)));
  std::cout << (admin.output == "json" ? wire::render_pretty(answer) + "\n"
                                       : cli::render_applied(answer));
  return {};
}

int run(const AdminFlags& admin, const ApplyFlags& flags) {
  const auto access = access_of(admin);
  if (!access) return print_fault("apply", access.error());
  for (const std::string& name : flags.files) {
    const Status applied = apply_file(*access, name, flags, admin);
    if (!applied) return print_fault("apply", applied.error());
  }
  return 0;
}

}  // namespace

void add_apply(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "apply",
      "change the network: create or update the resources of YAML files\n"
      "  portolan apply -f worlds/local.yaml\n"
      "A document with metadata.resourceVersion is taken only when nobody changed the "
      "resource since.");
  auto flags = std::make_shared<ApplyFlags>();
  auto admin = add_admin_flags(*command);
  command->add_option("-f,--file", flags->files, "YAML or JSON file; - is standard input")
      ->required();
  add_reason_flag(*command, *admin);
  add_break_glass_flag(*command, *admin);
  add_refusals_meant_flag(*command, *admin);
  command->add_flag("--dry-run", flags->dry_run, "validate and say what would change");
  command->callback([admin, flags, &exit_code] { exit_code = run(*admin, *flags); });
}

}  // namespace portolan::app

#include "app/admin_flags.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "app/small_file.h"
#include "runtime/epoll_shard.h"
#include "wire/url.h"

namespace portolan::app {
namespace {

// PEM of who vouches for control; empty where only the system's authorities do.
Result<std::string> read_authority(const AdminFlags& flags) {
  const bool given = !flags.authority.empty();
  const std::string file = given ? flags.authority : environment("PORTOLAN_ADMIN_CA");
  if (file.empty()) return file;
  runtime::EpollShard shard;
  return read_file_named_by(shard.disk(), given ? "--admin-ca" : "PORTOLAN_ADMIN_CA", file);
}

}  // namespace

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string default_home() {
  const std::string home = environment("PORTOLAN_HOME");
  return home.empty() ? environment("HOME") + "/.portolan" : home;
}

std::shared_ptr<AdminFlags> add_admin_flags(CLI::App& command, std::vector<std::string> outputs) {
  auto flags = std::make_shared<AdminFlags>();
  flags->home = default_home();
  auto* admin = command.add_option("--admin", flags->admin,
                                   "URL of control's admin API; the key is in PORTOLAN_ADMIN_KEY");
  command
      .add_option("--admin-ca", flags->authority,
                  "PEM of the network's TLS authority, which vouches for the control there "
                  "(PORTOLAN_ADMIN_CA); default: the system's authorities do, for the URL's host")
      ->needs(admin);
  command.add_option("--home", flags->home, "folder of a network that 'portolan up' runs")
      ->capture_default_str();
  std::string names;
  for (const auto& output : outputs) names += (names.empty() ? "" : ", ") + output;
  command.add_option("-o,--output", flags->output, names)
      ->check(CLI::IsMember(std::move(outputs)).description(""));
  return flags;
}

void add_reason_flag(CLI::App& command, AdminFlags& flags) {
  command.add_option("--reason", flags.reason, "why; 'portolan audit list' shows it");
}

void add_break_glass_flag(CLI::App& command, AdminFlags& flags) {
  command.add_option("--break-glass", flags.break_glass,
                     "why it is meant, when the guard objects: a set emptied, more than a tenth "
                     "gone, a rule loosened, a price moved by more than a fifth");
}

void add_refusals_meant_flag(CLI::App& command, AdminFlags& flags) {
  command.add_option("--refusals-meant", flags.refusals_meant,
                     "why more requests are to be refused: of a change that takes permission away, "
                     "so that its rollout does not go back for it");
}

std::string with_reason(std::string target, const AdminFlags& flags) {
  std::string reason;
  for (const auto* each : {&flags.break_glass, &flags.refusals_meant, &flags.reason}) {
    if (!each->empty()) reason += (reason.empty() ? "" : "; ") + *each;
  }
  if (reason.empty()) return target;
  target += target.find('?') == target.npos ? "?reason=" : "&reason=";
  wire::append_percent_encoded(target, reason);
  if (!flags.break_glass.empty()) target += "&break_glass=1";
  if (!flags.refusals_meant.empty()) target += "&refusals_meant=1";
  return target;
}

Result<cli::AdminAccess> access_of(const AdminFlags& flags) {
  if (flags.admin.empty()) return cli::access_of_home(flags.home);
  const std::string key = environment("PORTOLAN_ADMIN_KEY");
  if (key.empty()) {
    return Fault{Code::admin_key_required, Retry::never,
                 "--admin names a control; put its admin key into PORTOLAN_ADMIN_KEY"};
  }
  TRY(auto authority, read_authority(flags));
  return cli::AdminAccess{flags.admin, key, std::move(authority)};
}

int call_and_print(const std::string& command, const AdminFlags& flags, const AdminCall& call,
                   std::string (*render)(const wire::Json&)) {
  const auto access = access_of(flags);
  if (!access) return print_fault(command, access.error());
  const auto target = with_reason(call.target, flags);
  const auto answer = cli::call_admin(*access, call.method, target, call.body);
  if (!answer) return print_fault(command, answer.error());
  std::cout << (flags.output == "json" ? wire::render_pretty(*answer) + "\n" : render(*answer));
  return 0;
}

int print_fault(const std::string& command, const Fault& fault) {
  std::cerr << "portolan " << command << ": " << fault.message << " (" << name_of(fault.code)
            << ")\n";
  return 1;
}

}  // namespace portolan::app

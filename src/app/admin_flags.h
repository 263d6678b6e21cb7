#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/admin_client.h"

namespace CLI {
class App;
}

namespace portolan::app {

// Flags that every command of the admin API shares.
struct AdminFlags {
  std::string admin;      // URL; empty: the network of --home
  std::string authority;  // file, of that URL; empty: PORTOLAN_ADMIN_CA, or the system's
  std::string home;
  std::string output = "table";
  std::string reason;          // of a change, for the audit log
  std::string break_glass;     // as well, of one that the guard objects to
  std::string refusals_meant;  // as well, of one that takes permission away
};

// A variable of the environment; empty where it is not set.
std::string environment(const char* name);
// PORTOLAN_HOME, else ~/.portolan.
std::string default_home();

std::shared_ptr<AdminFlags> add_admin_flags(CLI::App& command, std::vector<std::string> outputs = {
                                                                   "table", "json", "yaml"});
// Of a command that changes something; the target then tells control.
void add_reason_flag(CLI::App& command, AdminFlags& flags);
// Of one that the guard looks at.
void add_break_glass_flag(CLI::App& command, AdminFlags& flags);
// Of one that goes out in waves.
void add_refusals_meant_flag(CLI::App& command, AdminFlags& flags);
// Every reason that was given, in one parameter.
std::string with_reason(std::string target, const AdminFlags& flags);

// Errors: admin_key_required; bad_configuration for a file that is missing.
Result<cli::AdminAccess> access_of(const AdminFlags& flags);

// What a command of the admin API asks control.
struct AdminCall {
  std::string method;
  std::string target;
  std::string body{};
};
// Asks it, with the reason, and prints the answer: as JSON, or as `render` says.
// The exit code.
int call_and_print(const std::string& command, const AdminFlags& flags, const AdminCall& call,
                   std::string (*render)(const wire::Json&));

// Prints a fault to standard error as "portolan <command>: sentence (code)"; 1.
int print_fault(const std::string& command, const Fault& fault);

}  // namespace portolan::app

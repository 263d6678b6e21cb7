#include <malloc.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "app/commands.h"

// The one binary: a role per subcommand. Parses, and hands over.
int main(int argc, char** argv) {
  // Big buffers come and go with every request; giving their pages back and
  // faulting them in again would cost more than keeping them.
  mallopt(M_TRIM_THRESHOLD, 64 * 1024 * 1024);
  mallopt(M_MMAP_THRESHOLD, 16 * 1024 * 1024);
  // A file that may not grow any further (ulimit -f) is a disk that is full.
  std::signal(SIGXFSZ, SIG_IGN);

  CLI::App app{
      "Portolan turns AI engines standing in many regions into one cloud: one API, one key, one\n"
      "catalogue; data and weights only where the rules allow.\n\n"
      "  portolan up                 a whole network on this machine\n"
      "  portolan apply -f FILE      change the network\n"
      "  portolan regions            look at it\n"};
  app.require_subcommand(1);
  app.set_version_flag("--version", PORTOLAN_VERSION);
  app.failure_message(CLI::FailureMessage::help);
  int exit_code = 0;
  portolan::app::add_up(app, exit_code);
  portolan::app::add_apply(app, exit_code);
  portolan::app::add_get(app, exit_code);
  portolan::app::add_regions(app, exit_code);
  portolan::app::add_zones(app, exit_code);
  portolan::app::add_region(app, exit_code);
  portolan::app::add_zone(app, exit_code);
  portolan::app::add_parity(app, exit_code);
  portolan::app::add_products(app, exit_code);
  portolan::app::add_catalogue(app, exit_code);
  portolan::app::add_delete(app, exit_code);
  portolan::app::add_restrict(app, exit_code);
  portolan::app::add_key(app, exit_code);
  portolan::app::add_token(app, exit_code);
  portolan::app::add_machine(app, exit_code);
  portolan::app::add_join(app, exit_code);
  portolan::app::add_receipt(app, exit_code);
  portolan::app::add_rollout(app, exit_code);
  portolan::app::add_golden(app, exit_code);
  portolan::app::add_authority(app, exit_code);
  portolan::app::add_rotate(app, exit_code);
  portolan::app::add_audit(app, exit_code);
  portolan::app::add_backup(app, exit_code);
  portolan::app::add_restore(app, exit_code);
  portolan::app::add_store(app, exit_code);
  portolan::app::add_usage(app, exit_code);
  portolan::app::add_world(app, exit_code);
  portolan::app::add_usage_log(app, exit_code);
  portolan::app::add_limits(app, exit_code);
  portolan::app::add_errors(app, exit_code);
  portolan::app::add_gateway(app, exit_code);
  portolan::app::add_control(app, exit_code);
  portolan::app::add_meter(app, exit_code);
  portolan::app::add_engine_sim(app, exit_code);
  CLI11_PARSE(app, argc, argv);
  return exit_code;
}

#pragma once

namespace CLI {
class App;
}

namespace portolan::app {

// One function a subcommand, one file a function: adds it to `app` with its
// flags and a callback that runs it and sets `exit_code` (0: done, 1: a fault
// that was printed, 2: wrong use, 3: what `parity`, `golden` or an
// opening is asked for is not met).
void add_up(CLI::App& app, int& exit_code);
void add_gateway(CLI::App& app, int& exit_code);
void add_control(CLI::App& app, int& exit_code);
void add_meter(CLI::App& app, int& exit_code);
void add_usage(CLI::App& app, int& exit_code);
void add_engine_sim(CLI::App& app, int& exit_code);
void add_apply(CLI::App& app, int& exit_code);
void add_get(CLI::App& app, int& exit_code);
void add_regions(CLI::App& app, int& exit_code);
void add_zones(CLI::App& app, int& exit_code);
void add_region(CLI::App& app, int& exit_code);
void add_zone(CLI::App& app, int& exit_code);
void add_parity(CLI::App& app, int& exit_code);
void add_products(CLI::App& app, int& exit_code);
void add_catalogue(CLI::App& app, int& exit_code);
void add_delete(CLI::App& app, int& exit_code);
void add_restrict(CLI::App& app, int& exit_code);
void add_key(CLI::App& app, int& exit_code);
void add_token(CLI::App& app, int& exit_code);
void add_machine(CLI::App& app, int& exit_code);
void add_join(CLI::App& app, int& exit_code);
void add_authority(CLI::App& app, int& exit_code);
void add_rotate(CLI::App& app, int& exit_code);
void add_receipt(CLI::App& app, int& exit_code);
void add_world(CLI::App& app, int& exit_code);
void add_usage_log(CLI::App& app, int& exit_code);
void add_audit(CLI::App& app, int& exit_code);
void add_backup(CLI::App& app, int& exit_code);
void add_restore(CLI::App& app, int& exit_code);
void add_rollout(CLI::App& app, int& exit_code);
void add_golden(CLI::App& app, int& exit_code);
void add_store(CLI::App& app, int& exit_code);
void add_limits(CLI::App& app, int& exit_code);
void add_errors(CLI::App& app, int& exit_code);

}  // namespace portolan::app

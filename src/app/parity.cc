#include <CLI/CLI.hpp>
#include <iostream>
#include <set>

#include "app/admin_flags.h"
#include "app/commands.h"
#include "app/pause.h"
#include "cli/parity_view.h"
#include "cli/products_view.h"
#include "cli/products_watch.h"
#include "cli/terminal.h"
#include "wire/url.h"

namespace portolan::app {
namespace {

constexpr int not_met = 3;

struct ParityFlags {
  std::vector<std::string> regions;
  std::vector<std::string> models;
  double fail_below = 0;
  bool history = false;
  bool watch = false;
  bool sign = false;
};

void add_place(std::string& target, const char* name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  target += target.find('?') == target.npos ? "?" : "&";
  target += name;
  for (std::size_t i = 0; i < values.size(); ++i) {
    target += i == 0 ? "=" : ",";
    wire::append_percent_encoded(target, values[i]);
  }
}

Result<wire::Json> ask_catalogue(const AdminFlags& admin, std::string path,
                                 const ParityFlags& flags) {
  TRY(const auto access, access_of(admin));
  add_place(path, "region", flags.regions);
  add_place(path, "model", flags.models);
  return cli::call_admin(access, "GET", path, "");
}

Result<int> print_parity(const AdminFlags& admin, const ParityFlags& flags) {
  TRY(const auto answer, ask_catalogue(admin, "/admin/v1/parity", flags));
  TRY(const auto view, cli::view_parity(answer));
  if (admin.output == "json") {
    std::cout << wire::render_pretty(answer) << '\n';
  } else if (admin.output == "csv") {
    std::cout << cli::render_parity_csv(view);
  } else {
    std::cout << cli::render_parity(view, cli::terminal_columns());
  }
  return view.is_met(flags.fail_below) ? 0 : not_met;
}

Status print_parity_history(const AdminFlags& admin, const ParityFlags& flags) {
  TRY(const auto answer, ask_catalogue(admin, "/admin/v1/parity/history", flags));
  if (admin.output == "json") {
    std::cout << wire::render_pretty(answer) << '\n';
    return {};
  }
  TRY(const auto text, cli::render_parity_history(answer));
  std::cout << text;
  return {};
}

Status print_products(const AdminFlags& admin, const ParityFlags& flags) {
  TRY(const auto answer, ask_catalogue(admin, "/admin/v1/products", flags));
  if (admin.output == "json") {
    std::cout << wire::render_pretty(answer) << '\n';
    return {};
  }
  TRY(const auto text, cli::render_products(answer, cli::terminal_columns()));
  std::cout << text;
  return {};
}

// A line for each region, as control signs it now.
Status print_signed(const AdminFlags& admin, const ParityFlags& flags) {
  TRY(const auto answer, ask_catalogue(admin, "/admin/v1/products", flags));
  TRY(const auto catalogue, cli::read_catalogue(answer));
  TRY(const auto access, access_of(admin));
  std::set<std::string> regions;
  for (const auto& [where, offer] : catalogue.offers) regions.insert(where.second);
  for (const auto& region : regions) {
    TRY(const auto jws, cli::read_admin(access, "/admin/v1/catalogue/" + region));
    std::cout << jws;
  }
  return {};
}

void print_change(const AdminFlags& admin, const policy::CatalogueChange& change,
                  const std::string& now) {
  if (admin.output == "json") {
    auto json = wire::Json::object();
    json.set("time", now).set("model", change.model).set("what", change.what);
    json.set("region", change.region).set("how", change.how);
    std::cout << wire::render_canonical(json) << std::endl;
    return;
  }
  std::cout << now << "  " << change.model << ' ' << change.what << " in " << change.region
            << (change.how.empty() ? "" : ": " + change.how) << std::endl;
}

// Until it is ended by a signal. A control that is away is asked again.
Status watch_products(const AdminFlags& admin, const ParityFlags& flags) {
  TRY(auto answer, ask_catalogue(admin, "/admin/v1/products", flags));
  TRY(auto known, cli::read_catalogue(answer));
  auto last = known;
  std::cerr << "watching " << known.offers.size() << " models in regions; Ctrl-C ends it\n";
  for (;;) {
    pause_for(Duration::seconds(2));
    auto asked = ask_catalogue(admin, "/admin/v1/products", flags);
    if (!asked && asked.error().retry != Retry::never) continue;
    if (!asked) return asked.error();
    TRY(auto now, cli::read_catalogue(*asked));
    auto settled = policy::settle_catalogue(known, last, now);
    const auto* date = asked->find("now");
    for (const auto& change : policy::compare_catalogues(known, settled)) {
      print_change(admin, change, date && date->as_string() ? *date->as_string() : "");
    }
    known = std::move(settled);
    last = std::move(now);
  }
}

void add_selection(CLI::App& command, ParityFlags& flags) {
  command.add_option("--region", flags.regions, "only these: regions, groups or country:XX")
      ->delimiter(',');
  command.add_option("--model", flags.models, "only these models")->delimiter(',');
}

}  // namespace

void add_parity(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "parity",
      "what a region should have and has not, why, and since when it should\n"
      "  portolan parity                       all regions, then the gaps\n"
      "  portolan parity --region eu --model big\n"
      "  portolan parity --fail-below 99.5     for CI\n"
      "  portolan parity -o csv\n"
      "  portolan parity --history --region eu-central-1\n\n"
      "What is asked for stands in resources of kind ParityTarget; without one it is every model "
      "in\n"
      "every region, with the features and context that it has:\n\n"
      "  apiVersion: portolan/v1\n"
      "  kind: ParityTarget\n"
      "  metadata: {name: chat-in-europe}\n"
      "  spec: {models: [big], regions: [eu], except: [\"country:FR\"], features: [chat, tools],\n"
      "         context: 32768, slots: 16, by: 2027-01-31,\n"
      "         prices: {currency: USD, percent_above_cheapest: 20}}\n\n"
      "A model counts for a region when one of its zones serves it now: deployed, let by rules\n"
      "(those that ask for labels of data are about workspaces, and not counted), not drained, "
      "its\n"
      "World there, an engine healthy. Each feature and each limit counts once more, and with "
      "'prices'\n"
      "that a PriceBook has a price there today, and that neither input nor output costs more "
      "than so\n"
      "many percent above the cheapest region of the target.\n\n"
      "Exit code: 0 met; 3 a region is below --fail-below, or a gap is past its date ('by');\n"
      "1 it could not be asked.");
  auto flags = std::make_shared<ParityFlags>();
  auto admin = add_admin_flags(*command, {"table", "json", "csv"});
  add_selection(*command, *flags);
  command
      ->add_option("--fail-below", flags->fail_below,
                   "exit code 3 when a region that is shown has less, in percent")
      ->check(CLI::Range(0.0, 100.0).description(""));
  command->add_flag("--history", flags->history,
                    "what was recorded, a line a day for a year; with --region of one region");
  command->callback([admin, flags, &exit_code] {
    if (flags->history) {
      const Status shown = print_parity_history(*admin, *flags);
      exit_code = shown ? 0 : print_fault("parity", shown.error());
      return;
    }
    const auto printed = print_parity(*admin, *flags);
    exit_code = printed ? *printed : print_fault("parity", printed.error());
  });
}

void add_products(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "products",
      "the catalogue: every model, where it is served now and what it costs, and where not and "
      "why\n"
      "  portolan products\n"
      "  portolan products --region ap-southeast-1\n"
      "  portolan products --model big -o json\n"
      "  portolan products --signed > FILE     each region's catalogue, signed; 'catalogue verify' "
      "believes it\n"
      "  portolan products --watch             tells of a model that appears, degrades, recovers "
      "or\n"
      "                                        leaves, a line each; with -o json one object each");
  auto flags = std::make_shared<ParityFlags>();
  auto admin = add_admin_flags(*command, {"table", "json"});
  add_selection(*command, *flags);
  auto* watch =
      command->add_flag("--watch", flags->watch, "a line for each change, until it is ended");
  command->add_flag("--signed", flags->sign, "by control: a JWS for each region, of all its models")
      ->excludes(watch);
  command->callback([admin, flags, &exit_code] {
    const auto print = flags->watch ? watch_products : flags->sign ? print_signed : print_products;
    const Status printed = print(*admin, *flags);
    exit_code = printed ? 0 : print_fault("products", printed.error());
  });
}

}  // namespace portolan::app

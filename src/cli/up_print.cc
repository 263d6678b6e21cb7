#include "cli/up_print.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace portolan::cli {
namespace {

std::string join_words(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    line += quote_for_shell(word);
  }
  return line;
}

std::string render_process(const ProcessPlan& process) {
  std::string line;
  for (const std::string& variable : process.environment) {
    const std::size_t equals = variable.find('=');
    line += variable.substr(0, equals + 1) + quote_for_shell(variable.substr(equals + 1)) + " ";
  }
  return line + join_words(process.arguments);
}

// The region that the default World is shown with, or the first.
const model::Region* region_to_show(const world::Contents& world) {
  const auto& regions = world.network.regions;
  const auto found = std::ranges::find(regions, "Frankfurt", &model::Region::city);
  if (found != regions.end() && !found->url.empty()) return &*found;
  const auto first = std::ranges::find_if(regions, [](const auto& r) { return !r.url.empty(); });
  return first == regions.end() ? nullptr : &*first;
}

std::string model_to_show(const world::Contents& world) {
  for (const model::Model& model : world.network.models) {
    if (std::ranges::find(model.aliases, "default") != model.aliases.end()) return "default";
  }
  return world.network.models.empty() ? "" : world.network.models.front().name;
}

void append_requests(std::string& text, const std::string& url, const std::string& key,
                     const std::string& model) {
  fmt::format_to(
      std::back_inserter(text),
      "With curl:\n\n"
      "curl {0}/v1/chat/completions -H 'Authorization: Bearer {1}' "
      "-H 'Content-Type: application/json' -d '{{\"model\": \"{2}\", \"max_tokens\": 64, "
      "\"messages\": [{{\"role\": \"user\", \"content\": \"Say hello.\"}}]}}'\n\n"
      "With Python (pip install openai):\n\n"
      "from openai import OpenAI\n"
      "client = OpenAI(base_url=\"{0}/v1\", api_key=\"{1}\")\n"
      "answer = client.chat.completions.create(model=\"{2}\", max_tokens=64, "
      "messages=[{{\"role\": \"user\", \"content\": \"Say hello.\"}}])\n"
      "print(answer.choices[0].message.content)\n\n",
      url, key, model);
}

void append_ready(std::string& text, const std::vector<ReadyFile>& files, const Home& home) {
  if (files.empty()) return;
  text += "Machines stand ready for what is not in this World yet:\n\n";
  for (const ReadyFile& file : files) {
    fmt::format_to(std::back_inserter(text), "portolan {} --home {}\n",
                   join_words(opening_command(file, home)), quote_for_shell(home.folder));
  }
  text += "\n";
}

}  // namespace

std::string quote_for_shell(const std::string& word) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("_-./:,=@%+").contains(static_cast<char>(c));
  };
  if (!word.empty() && std::ranges::all_of(word, is_plain)) return word;
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

namespace {

// What a command of the admin API is told, wherever the home's files are.
std::string admin_words(const Plan& plan, const Home& home) {
  std::vector<std::string> words = {"--admin", plan.admin_url};
  if (plan.admin_url.starts_with("https:")) {
    words.insert(words.end(), {"--admin-ca", AuthorityFiles{home.authority()}.tls_authority()});
  }
  return " " + join_words(words);
}

}  // namespace

std::vector<std::string> render_commands(const Plan& plan, const Home& home,
                                         const Programs& programs) {
  std::vector<std::string> lines;
  for (const ProcessPlan& process : plan.processes) lines.push_back(render_process(process));
  const std::string key =
      "PORTOLAN_ADMIN_KEY=\"$(cat " + quote_for_shell(home.admin_key()) + ")\" ";
  const std::string admin = admin_words(plan, home);
  lines.push_back(key + join_words({programs.portolan, "apply", "-f", home.world()}) + admin);
  for (const model::Workspace& workspace : plan.world.workspaces) {
    lines.push_back(
        key + join_words({programs.portolan, "key", "create", "--workspace", workspace.name}) +
        admin);
  }
  for (const ReadyFile& file : plan.ready) {
    std::vector<std::string> words = opening_command(file, home);
    words.insert(words.begin(), programs.portolan);
    lines.push_back(key + join_words(words) + admin);
  }
  return lines;
}

std::string render_introduction(const Introduction& introduction, const Home& home) {
  std::string text = "\n";
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "{:<20}  URL\n", "REGION");
  for (const model::Region& region : introduction.world.network.regions) {
    if (!region.url.empty()) fmt::format_to(out, "{:<20}  {}\n", region.name, region.url);
  }
  fmt::format_to(out, "\n{:<20}  {:<20}  KEY\n", "WORKSPACE", "SCOPE");
  for (const auto& [name, scope, key] : introduction.workspaces) {
    fmt::format_to(out, "{:<20}  {:<20}  {}\n", name, scope, key);
  }
  fmt::format_to(out, "\nAdmin API: {}   All of this, and the admin key: {}\n\n",
                 introduction.admin_url, home.network_file());
  append_ready(text, introduction.ready, home);
  const model::Region* region = region_to_show(introduction.world);
  const auto& workspaces = introduction.workspaces;
  if (region == nullptr || workspaces.empty()) return text;
  auto shown = std::ranges::find(workspaces, "global", &Introduction::Workspace::name);
  if (shown == workspaces.end()) shown = workspaces.begin();
  append_requests(text, region->url, shown->key, model_to_show(introduction.world));
  return text;
}

}  // namespace portolan::cli

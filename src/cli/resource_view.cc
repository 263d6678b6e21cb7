#include "cli/resource_view.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "cli/restore_view.h"
#include "cli/table.h"

namespace portolan::cli {
namespace {

using wire::Json;

// One value on one line: lists with commas, objects as JSON.
std::string cell(const Json* value) {
  if (value == nullptr || value->kind() == wire::JsonKind::null) return "-";
  if (const std::string* text = value->as_string()) return text->empty() ? "-" : *text;
  if (const bool* truth = value->as_bool()) return *truth ? "yes" : "no";
  const Json::Array* array = value->as_array();
  if (array == nullptr) return wire::render_canonical(*value);
  std::string text;
  for (const Json& element : *array) text += (text.empty() ? "" : ",") + cell(&element);
  return text.empty() ? "-" : text;
}

// The value at "spec.country" and the like.
const Json* at(const Json& json, std::string_view path) {
  const Json* value = &json;
  while (value != nullptr && !path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    value = value->find(path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return value;
}

struct Column {
  std::string_view title;
  std::string_view path;
};

std::string render_list(const Json::Array& items, const std::vector<Column>& columns) {
  std::vector<std::string> header;
  for (const Column& column : columns) header.emplace_back(column.title);
  Table table(header);
  for (const Json& item : items) {
    std::vector<std::string> row;
    for (const Column& column : columns) {
      std::string text = cell(at(item, column.path));
      // A hash is told by its first digits.
      if (column.path.ends_with("hash")) text = text.substr(0, 12);
      row.push_back(std::move(text));
    }
    table.add(std::move(row));
  }
  return table.render();
}

std::vector<Column> columns_of(std::string_view kind) {
  std::vector<Column> columns = {{"NAME", "metadata.name"}};
  const auto add = [&](std::initializer_list<Column> more) { columns.insert(columns.end(), more); };
  if (kind.starts_with("region")) {
    add({{"CITY", "spec.city"},
         {"COUNTRY", "spec.country"},
         {"GROUPS", "spec.groups"},
         {"URL", "spec.url"}});
  } else if (kind.starts_with("zone")) {
    add({{"REGION", "spec.region"}});
  } else if (kind.starts_with("model")) {
    add({{"CONTEXT", "spec.context"},
         {"FEATURES", "spec.features"},
         {"ALIASES", "spec.aliases"},
         {"LABELS", "spec.labels"}});
  } else if (kind.starts_with("deployment")) {
    add({{"MODEL", "spec.model"}, {"ZONE", "spec.zone"}});
  } else if (kind.starts_with("scope")) {
    add({{"INCLUDE", "spec.include"}, {"EXCLUDE", "spec.exclude"}, {"ENTRY", "spec.entry"}});
  } else if (kind.starts_with("rule")) {
    add({{"DENY", "spec.deny"},
         {"REQUIRE", "spec.require"},
         {"FROM", "spec.from"},
         {"UNTIL", "spec.until"},
         {"REASON", "spec.reason"}});
  } else if (kind.starts_with("workspace")) {
    add({{"ORG", "metadata.org"}, {"SCOPES", "spec.scopes"}, {"LABELS", "spec.labels"}});
  } else if (kind.starts_with("paritytarget")) {
    add({{"MODELS", "spec.models"},
         {"REGIONS", "spec.regions"},
         {"EXCEPT", "spec.except"},
         {"FEATURES", "spec.features"},
         {"PRICES", "spec.prices"},
         {"BY", "spec.by"}});
  } else if (kind.starts_with("pricebook")) {
    add({{"CURRENCY", "spec.currency"}, {"FROM", "spec.from"}});
  }
  add({{"VERSION", "metadata.resourceVersion"}});
  return columns;
}

const std::vector<Column> key_columns = {{"ID", "id"},           {"WORKSPACE", "workspace"},
                                         {"SCOPES", "scopes"},   {"CREATED", "created"},
                                         {"EXPIRES", "expires"}, {"REVOKED", "revoked"}};
const std::vector<Column> token_columns = {
    {"ID", "id"},           {"ZONE", "zone"},   {"ROLE", "role"},      {"CREATED", "created"},
    {"EXPIRES", "expires"}, {"STATE", "state"}, {"MACHINE", "machine"}};
const std::vector<Column> machine_columns = {{"ID", "id"},         {"ZONE", "zone"},
                                             {"JOINED", "joined"}, {"ENDS", "ends"},
                                             {"STATE", "state"},   {"IDENTITY", "identity"}};
const std::vector<Column> gateway_columns = {{"GATEWAY", "gateway"},
                                             {"ZONE", "zone"},
                                             {"WORLD", "world.version"},
                                             {"KEYRING", "keyring.version"},
                                             {"RESTRICTIONS", "restrictions.version"},
                                             {"SEEN", "seen"}};

// "1000", "1000: 12 model_denied, 3 elsewhere": its last decisions, on which a
// gateway tried the World that it holds.
std::string render_trial(const Json* trial) {
  if (trial == nullptr || trial->as_object() == nullptr) return "-";
  std::string text = cell(trial->find("decisions"));
  std::string differs;
  const Json* refused = trial->find("refused");
  if (refused != nullptr && refused->as_object() != nullptr) {
    for (const Json::Member& each : *refused->as_object()) {
      differs += (differs.empty() ? "" : ", ") + cell(&each.value) + " " + each.name;
    }
  }
  const std::string elsewhere = cell(trial->find("elsewhere"));
  if (elsewhere != "0") differs += (differs.empty() ? "" : ", ") + elsewhere + " elsewhere";
  return text + (differs.empty() ? "" : ": " + differs);
}

// The World that control wants, and what each gateway holds or refuses.
std::string render_worlds(const Json& answer) {
  std::string text = restore_notice(answer) + "current World: version " +
                     cell(at(answer, "current.version")) + ", " + cell(at(answer, "current.hash")) +
                     "\n\n";
  const Json* gateways = answer.find("gateways");
  if (gateways == nullptr || gateways->as_array() == nullptr) return text;
  Table table({"GATEWAY", "ZONE", "HOLDS", "HASH", "TRIED ON", "REFUSED"});
  for (const Json& gateway : *gateways->as_array()) {
    std::string refused;
    const Json* refusals = gateway.find("refused");
    if (refusals != nullptr && refusals->as_array() != nullptr) {
      for (const Json& refusal : *refusals->as_array()) {
        refused += (refused.empty() ? "" : "; ") + cell(refusal.find("kind")) + ": " +
                   cell(refusal.find("reason"));
      }
    }
    table.add({cell(gateway.find("gateway")), cell(gateway.find("zone")),
               cell(at(gateway, "holds.version")), cell(at(gateway, "holds.hash")).substr(0, 12),
               render_trial(gateway.find("trial")), refused.empty() ? "-" : refused});
  }
  return text + table.render();
}

Json::Array items_of(const Json& answer, std::string_view name) {
  const Json* items = answer.find(name);
  if (items != nullptr && items->as_array() != nullptr) return *items->as_array();
  return {answer};
}

void append_yaml(std::string& out, const Json& value, std::size_t depth) {
  const std::string indent(depth * 2, ' ');
  if (const Json::Object* object = value.as_object(); object != nullptr && !object->empty()) {
    for (const Json::Member& member : *object) {
      const bool nested =
          member.value.as_object() != nullptr ||
          (member.value.as_array() != nullptr && !member.value.as_array()->empty() &&
           member.value.as_array()->front().as_object() != nullptr);
      out += indent + member.name + (nested ? ":\n" : ": ");
      append_yaml(out, member.value, nested ? depth + 1 : 0);
    }
    return;
  }
  const Json::Array* array = value.as_array();
  if (array != nullptr && !array->empty() && array->front().as_object() != nullptr) {
    for (const Json& element : *array)
      out += indent + "- " + wire::render_canonical(element) + "\n";
    return;
  }
  out += wire::render_canonical(value) + "\n";
}

}  // namespace

std::string render_applied(const Json& answer) {
  std::string text;
  for (const Json& result : items_of(answer, "results")) {
    std::string kind = cell(result.find("kind"));
    std::ranges::transform(kind, kind.begin(), [](unsigned char c) { return std::tolower(c); });
    text += kind + "/" + cell(result.find("name")) + " " + cell(result.find("action")) + "\n";
  }
  text += "World " + cell(at(answer, "world.version")) + " " +
          cell(at(answer, "world.hash")).substr(0, 12) + ", Keyring " +
          cell(at(answer, "keyring.number")) + "\n";
  const Json* rolling_out = answer.find("rolling_out");
  if (rolling_out == nullptr || rolling_out->as_bool() == nullptr || !*rolling_out->as_bool()) {
    return text;
  }
  return text + "It goes to the gateways zone by zone: portolan rollout status --watch\n";
}

std::string render_restrictions(const Json& answer) {
  Table table({"RESTRICTION", "OF"});
  for (const std::string kind : {"drain", "deny"}) {
    const Json* places = answer.find(kind);
    if (places == nullptr || places->as_array() == nullptr) continue;
    for (const Json& place : *places->as_array()) table.add({kind, cell(&place)});
  }
  const Json* keys = answer.find("revoked_keys");
  const auto revoked =
      keys != nullptr && keys->as_array() != nullptr ? keys->as_array()->size() : 0;
  const Json* machines = answer.find("revoked_machines");
  if (machines != nullptr && machines->as_array() != nullptr) {
    for (const Json& machine : *machines->as_array()) table.add({"revoked", cell(&machine)});
  }
  return table.render() + "Restrictions " + cell(answer.find("number")) +
         "; revoked keys in them: " + std::to_string(revoked) + "\n";
}

std::string render_resources(std::string_view kind, const Json& answer) {
  if (kind == "worlds") return render_worlds(answer);
  if (kind == "keys") return render_list(items_of(answer, "keys"), key_columns);
  if (kind == "gateways") return render_list(items_of(answer, "gateways"), gateway_columns);
  if (kind == "machines") return render_list(items_of(answer, "machines"), machine_columns);
  if (kind == "tokens") return render_list(items_of(answer, "tokens"), token_columns);
  return render_list(items_of(answer, "items"), columns_of(kind));
}

std::string render_yaml(const Json& answer) {
  std::string text;
  for (const Json& item : items_of(answer, "items")) {
    if (!text.empty()) text += "---\n";
    append_yaml(text, item, 0);
  }
  return text;
}

}  // namespace portolan::cli

#include "cli/audit_view.h"

#include <fmt/format.h>

#include "cli/table.h"
#include "wire/json_cursor.h"

namespace portolan::cli {
namespace {

using wire::Json;

std::string cell(const Json* value) {
  if (value == nullptr) return "-";
  if (value->as_string() != nullptr) return value->as_string()->empty() ? "-" : *value->as_string();
  return wire::render_canonical(*value);
}

const Json* member_of(const Json* object, std::string_view name) {
  return object != nullptr ? object->find(name) : nullptr;
}

std::string who_of(const Json& entry) {
  const Json* by = entry.find("by");
  const Json* admin = member_of(by, "admin");
  return admin != nullptr ? "admin " + cell(admin) : cell(member_of(by, "program"));
}

// "Zone/a created, Zone/b created and 12 more"
std::string what_of(const Json& entry) {
  constexpr std::size_t shown_max = 3;
  const Json* things = entry.find("things");
  const auto* list = things != nullptr ? things->as_array() : nullptr;
  if (list == nullptr || list->empty()) return "-";
  std::string text;
  for (std::size_t i = 0; i < list->size() && i < shown_max; ++i) {
    const Json& thing = (*list)[i];
    text += fmt::format("{}{}/{} {}", i == 0 ? "" : ", ", cell(thing.find("kind")),
                        cell(thing.find("name")), cell(thing.find("done")));
  }
  const Json* total = entry.find("things_total");
  const auto all = total != nullptr ? total->as_uint64().value_or(0) : 0;
  if (all > shown_max) text += fmt::format(" and {} more", all - shown_max);
  return text;
}

}  // namespace

Result<AuditPage> read_audit_page(const Json& answer) {
  const wire::JsonCursor cursor(answer, Code::malformed_peer);
  AuditPage page;
  TRY(const auto head, cursor.member("head"));
  TRY(page.head.number, head.count("number"));
  TRY(page.head.hash, head.text("hash"));
  const Json* entries = answer.find("entries");
  if (entries == nullptr || entries->as_array() == nullptr) {
    return cursor.fault("'entries' is no list");
  }
  for (const Json& entry : *entries->as_array()) {
    // Text is what control could not read itself.
    const auto* text = entry.as_string();
    page.entries.push_back(text != nullptr ? *text : wire::render_canonical(entry));
  }
  return page;
}

std::string render_audit_page(const Json& answer) {
  Table table({"NUMBER", "TIME", "WHO", "ACT", "WHAT", "EPOCH", "WORLD", "KEYRING", "RESTRICTIONS",
               "REASON"});
  const Json* entries = answer.find("entries");
  if (entries != nullptr && entries->as_array() != nullptr) {
    for (const Json& entry : *entries->as_array()) {
      table.add({cell(entry.find("number")), cell(entry.find("time")), who_of(entry),
                 cell(entry.find("act")), what_of(entry), cell(entry.find("epoch")),
                 cell(entry.find("world")), cell(entry.find("keyring")),
                 cell(entry.find("restrictions")), cell(entry.find("reason"))});
    }
  }
  const Json* head = answer.find("head");
  return table.render() + fmt::format("\nhead {}:{}\n", cell(member_of(head, "number")),
                                      cell(member_of(head, "hash")));
}

}  // namespace portolan::cli

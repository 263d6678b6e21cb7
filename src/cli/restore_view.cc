#include "cli/restore_view.h"

#include <fmt/format.h>

#include "cli/json_fields.h"

namespace portolan::cli {
namespace {

using wire::Json;

const Json* open_restore(const Json& answer) {
  const Json* restore = answer.find("restore");
  const Json* finished = restore != nullptr ? restore->find("finished") : nullptr;
  const bool open = finished != nullptr && finished->as_bool() != nullptr && !*finished->as_bool();
  return open ? restore : nullptr;
}

std::string refusals_of(const Json& restore) {
  std::string text;
  for (const Json& each : list_of(restore, "refused")) {
    text += fmt::format("{} refuses {}: {}\n", text_of(each, "gateway"), text_of(each, "kind"),
                        text_of(each, "reason"));
  }
  return text;
}

}  // namespace

std::string restore_notice(const Json& answer) {
  const Json* restore = open_restore(answer);
  if (restore == nullptr) return "";
  const auto lacking = text_of(*restore, "lacking");
  return fmt::format(
      "This control was restored from a backup of {} and sends no World and no "
      "Keyring until 'portolan restore finish'. {}\n\n",
      text_of(*restore, "backup_time"),
      lacking.empty() ? "No gateway heard so far had more than it." : lacking);
}

std::string render_restore(const Json& answer) {
  const Json* restore = answer.find("restore");
  if (restore == nullptr || restore->as_object() == nullptr) {
    return "This control's store was never restored.\n";
  }
  const auto lacking = text_of(*restore, "lacking");
  std::string text = fmt::format(
      "backup of     {}\nrestored      {}\nheard from    {}\nnot heard of  {}\n",
      text_of(*restore, "backup_time"), text_of(*restore, "restored_time"),
      names_of(*restore, "gateways_heard"), names_of(*restore, "gateways_not_heard_of"));
  text += "lacking       " +
          (lacking.empty() ? "nothing that a gateway heard so far would know of" : lacking) + "\n";
  text += refusals_of(*restore);
  if (open_restore(answer) == nullptr) return text + "finished: gateways are sent what is here.\n";
  return text +
         "\nGateways serve what they hold. Make up for what is missing (apply, key revoke, "
         "restrictions),\nthen: portolan restore finish\n";
}

}  // namespace portolan::cli

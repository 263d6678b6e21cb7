#include "cli/restore_view.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

wire::Json answer_of(bool finished) {
  const std::string text = R"({"restore": {"finished": )" +
                           std::string(finished ? "true" : "false") +
                           R"(, "backup_time": "2026-01-02", "restored_time": "2026-01-03",
      "lacking": "Gateways hold World 17 and restored is 12; more is missing.",
      "gateways_heard": ["a-1", "b-1"], "gateways_not_heard_of": ["c-1"],
      "refused": [{"gateway": "a-1", "kind": "keyring", "reason": "It would bring back K."}]}})";
  return *wire::parse_json(text);
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST(RestoreView, AnUnfinishedRestoreIsSaidAboveOtherTablesWithWhatIsLacking) {
  const auto notice = restore_notice(answer_of(false));
  EXPECT_TRUE(holds(notice, "restored from a backup of 2026-01-02")) << notice;
  EXPECT_TRUE(holds(notice, "Gateways hold World 17 and restored is 12")) << notice;
  EXPECT_TRUE(holds(notice, "portolan restore finish")) << notice;
  EXPECT_EQ(restore_notice(answer_of(true)), "");
  EXPECT_EQ(restore_notice(wire::Json::object()), "");
}

TEST(RestoreView, TheStatusNamesWhoWasHeardWhatIsRefusedAndWhatToDo) {
  const auto open = render_restore(answer_of(false));
  EXPECT_TRUE(holds(open, "heard from    a-1, b-1\n")) << open;
  EXPECT_TRUE(holds(open, "not heard of  c-1\n")) << open;
  EXPECT_TRUE(holds(open, "a-1 refuses keyring: It would bring back K.")) << open;
  EXPECT_TRUE(holds(open, "then: portolan restore finish")) << open;
  const auto finished = render_restore(answer_of(true));
  EXPECT_TRUE(holds(finished, "finished: ")) << finished;
  EXPECT_TRUE(holds(finished, "World 17")) << "what was lacking stays known";
}

TEST(RestoreView, AStoreThatWasNeverRestoredSaysSo) {
  EXPECT_TRUE(holds(render_restore(*wire::parse_json(R"({"restore": null})")), "never restored"));
}

}  // namespace
}  // namespace portolan::cli

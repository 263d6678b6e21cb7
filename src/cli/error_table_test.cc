#include "cli/error_table.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "dialect/openai_error.h"
#include "wire/json_value.h"

namespace portolan::cli {
namespace {

std::filesystem::path root() {
  return std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
}

std::string text_of(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

bool clients_see(const ErrorRow& row) {
  return row.audience == Audience::clients || row.audience == Audience::both;
}

// All that the program is made of, but for what states the table itself.
std::string program_text() {
  std::string text;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root() / "src")) {
    const std::string name = entry.path().filename().string();
    const bool source = name.ends_with(".cc") || name.ends_with(".h");
    const bool states = name == "fault.cc" || name == "fault.h" || name == "openai_error.cc" ||
                        name == "error_table.cc";
    if (source && !states && !name.ends_with("_test.cc")) text += text_of(entry.path());
  }
  return text;
}

bool uses(const std::string& text, Code code) {
  const std::string name = "Code::" + std::string(name_of(code));
  for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
    const char next = text[at + name.size()];
    if (next != '_' && (next < 'a' || next > 'z')) return true;
  }
  return false;
}

TEST(ErrorTable, ThePageInDocsIsWhatTheProgramWrites) {
  EXPECT_EQ(text_of(root() / "docs/errors.md"), render_error_markdown())
      << "run: portolan errors -o markdown > docs/errors.md";
}

TEST(ErrorTable, WhatClientsSeeIsShownToThemAsItself) {
  for (const ErrorRow& row : error_rows()) {
    if (!clients_see(row)) continue;
    EXPECT_EQ(dialect::shown_code(row.code), row.code) << name_of(row.code);
  }
}

TEST(ErrorTable, WhatIsShownAsAnotherIsNoClients) {
  for (const ErrorRow& row : error_rows()) {
    if (dialect::shown_code(row.code) == row.code) continue;
    EXPECT_FALSE(clients_see(row)) << name_of(row.code);
  }
}

TEST(ErrorTable, WhatNobodySeesIsUsedNowhereAndTheRestIsUsed) {
  const std::string text = program_text();
  ASSERT_TRUE(uses(text, Code::missing_key));
  for (const ErrorRow& row : error_rows()) {
    EXPECT_EQ(uses(text, row.code), row.audience != Audience::nobody) << name_of(row.code);
  }
}

TEST(ErrorTable, EveryCodeSaysWhatToDoInASentence) {
  for (const ErrorRow& row : error_rows()) {
    const CodeFacts& facts = facts_of(row.code);
    EXPECT_TRUE(facts.meaning.ends_with('.')) << facts.name;
    EXPECT_TRUE(facts.remedy.ends_with('.')) << facts.name;
    EXPECT_GE(facts.http_status, 400) << facts.name;
  }
}

TEST(ErrorTable, ProgramsReadARowForEachCode) {
  const auto json = wire::parse_json(render_error_json());
  ASSERT_TRUE(json);
  ASSERT_NE(json->as_array(), nullptr);
  EXPECT_EQ(json->as_array()->size(), code_count);
}

TEST(ErrorTable, OneCodeIsExplained) {
  const auto text = explain_error("scope_exhausted");
  ASSERT_TRUE(text);
  EXPECT_EQ(*text,
            "scope_exhausted (HTTP 503)\n"
            "  No zone of the scope can serve it now.\n"
            "  what to do: Retry after the seconds that Retry-After names.\n"
            "  send it again: later, after `Retry-After`\n"
            "  seen by: clients\n");
}

TEST(ErrorTable, ANameThatIsNoCodesIsRefusedWithTheNearest) {
  const auto text = explain_error("scope_exhaustd");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Code::bad_configuration);
  EXPECT_TRUE(text.error().message.contains("'scope_exhausted'")) << text.error().message;
}

}  // namespace
}  // namespace portolan::cli

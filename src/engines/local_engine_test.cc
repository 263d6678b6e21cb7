#include "engines/local_engine.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace portolan::engines {
namespace {

LocalEngine small_engine() {
  return {.model_file = "/m/small.gguf",
          .alias = "",
          .host = "127.0.0.1",
          .port = 9001,
          .slots = 3,
          .context = {1000},
          .threads = 2};
}

bool has_pair(const Command& command, std::string_view name, std::string_view value) {
  const auto found = std::ranges::find(command.arguments, name);
  return found != command.arguments.end() && std::next(found) != command.arguments.end() &&
         *std::next(found) == value;
}

TEST(LocalEngine, IsRefusedWhereNothingCanRunIt) {
  const auto command = command_of(small_engine(), {"", "/usr/bin/python3", ""});
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().code, Code::bad_configuration);
  EXPECT_NE(command.error().message.find("llama-server"), std::string::npos);
}

TEST(LocalEngine, IsRefusedWithoutPortSlotsOrModel) {
  const LocalPrograms programs{"/usr/bin/llama-server", "", ""};
  LocalEngine engine = small_engine();
  engine.port = 0;
  EXPECT_FALSE(command_of(engine, programs));
  engine = small_engine();
  engine.slots = 0;
  EXPECT_FALSE(command_of(engine, programs));
  engine = small_engine();
  engine.model_file = "";
  EXPECT_FALSE(command_of(engine, programs));
}

TEST(LocalEngine, GivesLlamaServerOneContextForEachSlot) {
  const auto command = command_of(small_engine(), {"/usr/bin/llama-server", "/p", "/s"});
  ASSERT_TRUE(command);
  EXPECT_EQ(command->arguments.front(), "/usr/bin/llama-server");
  EXPECT_TRUE(has_pair(*command, "--parallel", "3"));
  EXPECT_TRUE(has_pair(*command, "--ctx-size", "3000"));
  EXPECT_TRUE(has_pair(*command, "--port", "9001"));
  EXPECT_NE(std::ranges::find(command->arguments, "--metrics"), command->arguments.end());
  EXPECT_EQ(std::ranges::find(command->arguments, "--alias"), command->arguments.end());
}

TEST(LocalEngine, FallsBackToTheScript) {
  LocalEngine engine = small_engine();
  engine.alias = "smollm2";
  const auto command = command_of(engine, {"", "/usr/bin/python3", "/e/llamacpp.py"});
  ASSERT_TRUE(command);
  EXPECT_EQ(command->arguments[0], "/usr/bin/python3");
  EXPECT_EQ(command->arguments[1], "/e/llamacpp.py");
  EXPECT_TRUE(has_pair(*command, "--context", "1000"));
  EXPECT_TRUE(has_pair(*command, "--alias", "smollm2"));
}

TEST(LocalEngine, NeverSharesACpuBetweenTwoThreadsOfOneEngine) {
  EXPECT_EQ(threads_for(6, 2), 1u);
  EXPECT_EQ(threads_for(1, 8), 8u);
  EXPECT_EQ(threads_for(3, 8), 2u);
  EXPECT_EQ(threads_for(0, 4), 4u);
}

TEST(LocalEngine, FindsAProgramInTheFirstFolderThatHasIt) {
  EXPECT_EQ(find_program("sh", "/nonexistent::/bin:/usr/bin"), "/bin/sh");
  EXPECT_FALSE(find_program("sh", ""));
  EXPECT_FALSE(find_program("no-such-program", "/bin:/usr/bin"));
}

}  // namespace
}  // namespace portolan::engines

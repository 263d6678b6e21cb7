// The rules of the house that a program can check. No exceptions are listed
// here: a rule that needs one is wrong.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path root = PORTOLAN_SOURCE_DIR;

std::string read(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool is_code(const fs::path& path) { return path.extension() == ".h" || path.extension() == ".cc"; }

std::vector<fs::path> code_under(const char* folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
    if (entry.is_regular_file() && is_code(entry.path())) files.push_back(entry.path());
  }
  return files;
}

std::vector<fs::path> all_code() {
  std::vector<fs::path> files = code_under("src");
  for (const fs::path& path : code_under("tests")) files.push_back(path);
  return files;
}

std::string name_of(const fs::path& path) { return fs::relative(path, root).string(); }

std::size_t line_count(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

struct Room {
  std::set<std::string> may_include;
  std::set<std::string> tests_may_include;
};

// The floor plan as src/CMakeLists.txt states it.
std::map<std::string, Room> floor_plan() {
  std::map<std::string, Room> plan;
  const std::string text = read(root / "src/CMakeLists.txt");
  const std::regex call(R"(\nroom\(([^)]*)\))");
  for (std::sregex_iterator match(text.begin(), text.end(), call), end; match != end; ++match) {
    std::istringstream words((*match)[1].str());
    std::string name;
    words >> name;
    Room room;
    std::set<std::string>* into = nullptr;
    for (std::string word; words >> word;) {
      if (word == "MAY_INCLUDE") {
        into = &room.may_include;
      } else if (word == "TEST_MAY_INCLUDE") {
        into = &room.tests_may_include;
      } else if (word == "LIBRARIES" || word == "TEST_LIBRARIES") {
        into = nullptr;
      } else if (into != nullptr) {
        into->insert(word);
      }
    }
    plan.emplace(name, room);
  }
  return plan;
}

bool is_test(const fs::path& path) {
  const std::string stem = path.stem().string();
  return stem.ends_with("_test") || stem.ends_with("_test_support");
}

TEST(House, RoomsIncludeOnlyWhatTheFloorPlanSays) {
  const auto plan = floor_plan();
  ASSERT_GE(plan.size(), 15u);
  const std::regex include(R"(#include \"([a-z_]+)/[a-z0-9_]+\.h\")");
  for (const fs::path& path : code_under("src")) {
    const std::string room = path.parent_path().filename().string();
    if (room == "app") continue;  // the top floor sees all
    ASSERT_TRUE(plan.contains(room)) << name_of(path) << " is in no room of the floor plan";
    const std::string text = read(path);
    for (std::sregex_iterator match(text.begin(), text.end(), include), end; match != end;
         ++match) {
      const std::string other = (*match)[1];
      const bool allowed = other == room || plan.at(room).may_include.contains(other) ||
                           (is_test(path) && plan.at(room).tests_may_include.contains(other));
      EXPECT_TRUE(allowed) << name_of(path) << " includes " << other << "/, undeclared";
    }
  }
}

TEST(House, AFileIsAtDepthTwo) {
  for (const fs::path& path : code_under("src")) {
    EXPECT_EQ(path.parent_path().parent_path(), root / "src") << name_of(path);
  }
}

// What a merge or an editor leaves behind is seen, and not only by git.
TEST(House, ARoomHoldsOnlyCode) {
  for (const auto& entry : fs::recursive_directory_iterator(root / "src")) {
    if (!entry.is_regular_file() || entry.path() == root / "src/CMakeLists.txt") continue;
    EXPECT_TRUE(is_code(entry.path())) << name_of(entry.path()) << " is neither .h nor .cc";
  }
}

TEST(House, NoFileIsLongerThan400Lines) {
  for (const fs::path& path : all_code()) {
    EXPECT_LE(line_count(read(path)), 400u) << name_of(path);
  }
}

TEST(House, MostFilesAreShort) {
  std::vector<std::size_t> lengths;
  for (const fs::path& path : all_code()) lengths.push_back(line_count(read(path)));
  std::sort(lengths.begin(), lengths.end());
  EXPECT_LT(lengths[lengths.size() / 2], 150u) << "half are";
  EXPECT_LT(lengths[lengths.size() * 95 / 100], 300u) << "95 % are";
}

TEST(House, NoFileIncludesTheWorld) {
  const std::regex include(R"((^|\n)#include )");
  for (const fs::path& path : code_under("src")) {
    const std::string text = read(path);
    const auto count = std::distance(std::sregex_iterator(text.begin(), text.end(), include),
                                     std::sregex_iterator());
    EXPECT_LE(count, path.extension() == ".h" ? 12 : 20) << name_of(path);
  }
}

TEST(House, ThereIsNoDrawerForEverything) {
  const std::set<std::string> drawers = {"utils", "util", "common", "helpers", "core", "types"};
  for (const fs::path& path : all_code()) {
    EXPECT_FALSE(drawers.contains(path.stem().string())) << name_of(path);
    EXPECT_FALSE(drawers.contains(path.parent_path().filename().string())) << name_of(path);
  }
}

TEST(House, NothingIsLeftForLater) {
  // Written in two halves, so that this file does not find itself.
  const std::regex mark(
      "TO"
      "DO|FIX"
      "ME|XX"
      "X:|not imple"
      "mented|sleep_"
      "for\\(std|us"
      "leep\\(");
  for (const fs::path& path : all_code()) {
    std::smatch found;
    const std::string text = read(path);
    EXPECT_FALSE(std::regex_search(text, found, mark)) << name_of(path) << ": " << found.str();
  }
}

TEST(House, OnTheDataPathOnlyTheRuntimeCallsTheKernel) {
  const std::regex wait(
      R"(#include <(sys/epoll|sys/socket|poll|netdb|sys/eventfd|mutex|thread)(\.h)?>)");
  const std::set<std::string> data_path = {"model", "wire",    "http",    "policy", "seal",
                                           "world", "dialect", "gateway", "control"};
  for (const fs::path& path : code_under("src")) {
    const std::string room = path.parent_path().filename().string();
    if (!data_path.contains(room) || is_test(path)) continue;
    std::smatch found;
    const std::string text = read(path);
    EXPECT_FALSE(std::regex_search(text, found, wait)) << name_of(path) << ": " << found.str();
  }
}

TEST(House, DecisionsSeeNoClockAndNoWait) {
  const std::regex effect(R"(co_await|wall_now|\bnow\(\)|std::chrono)");
  for (const fs::path& path : code_under("src/policy")) {
    std::smatch found;
    const std::string text = read(path);
    EXPECT_FALSE(std::regex_search(text, found, effect)) << name_of(path) << ": " << found.str();
  }
}

TEST(House, WeThrowNothing) {
  const std::regex statement(R"((^|\n)\s*throw\b)");
  for (const fs::path& path : all_code()) {
    EXPECT_FALSE(std::regex_search(read(path), statement)) << name_of(path);
  }
}

TEST(House, EveryDecisionHasItsTest) {
  for (const fs::path& path : code_under("src/policy")) {
    if (path.extension() != ".cc" || is_test(path)) continue;
    fs::path test = path.parent_path() / (path.stem().string() + "_test.cc");
    EXPECT_TRUE(fs::exists(test)) << name_of(path) << " has no " << test.filename();
  }
}

TEST(House, EveryLimitIsShown) {
  const std::regex limit(R"(inline constexpr Limit ([a-z_]+)\{)");
  std::string shown = read(root / "src/base/limits.cc");
  for (const fs::path& path : code_under("src/app")) {
    if (path.stem().string().starts_with("limits")) shown += read(path);
  }
  for (const fs::path& path : code_under("src")) {
    const std::string text = read(path);
    for (std::sregex_iterator match(text.begin(), text.end(), limit), end; match != end; ++match) {
      EXPECT_NE(shown.find((*match)[1].str()), std::string::npos)
          << name_of(path) << ": 'portolan limits' does not show " << (*match)[1];
    }
  }
}

TEST(House, DocumentsKeepToTheirLength) {
  EXPECT_LE(line_count(read(root / "README.md")), 120u);
  EXPECT_LE(line_count(read(root / "ARCHITECTURE.md")), 300u);
  EXPECT_LE(line_count(read(root / "CONTRIBUTING.md")), 200u);
}

}  // namespace

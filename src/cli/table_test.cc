#include "cli/table.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

TEST(Table, EveryColumnIsAsWideAsItsWidestCell) {
  Table table({"ZONE", "STATE"});
  table.add({"eu-central-1a", "up"});
  table.add({"b", "down"});
  EXPECT_EQ(table.render(),
            "ZONE           STATE\n"
            "eu-central-1a  up\n"
            "b              down\n");
}

TEST(Table, CharactersAreCountedAndNotBytes) {
  Table table({"CITY", "N"});
  table.add({"Zürich", "1"});
  EXPECT_EQ(table.render(), "CITY    N\nZürich  1\n");
}

TEST(Table, LeavesOutTheLeastColumnsAndSaysWhich) {
  Table table({"NAME", "CITY", "N", "URL"});
  table.add({"eu-1", "Zürich", "1", "http://eu"});
  EXPECT_EQ(table.narrow(0, {"URL"}), std::vector<std::string>{});
  EXPECT_EQ(table.narrow(26, {"URL", "CITY"}), std::vector<std::string>{});
  EXPECT_EQ(table.narrow(12, {"URL", "CITY", "N"}), (std::vector<std::string>{"CITY", "URL"}));
  EXPECT_EQ(table.render(), "NAME  N\neu-1  1\n");
}

}  // namespace
}  // namespace portolan::cli

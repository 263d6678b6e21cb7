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

}  // namespace
}  // namespace portolan::cli

#include <gtest/gtest.h>

#include "etcd_cluster.h"

int main(int count, char** arguments) {
  ::testing::InitGoogleTest(&count, arguments);
  const int failed = RUN_ALL_TESTS();
  portolan::store::testing::end_cluster();
  return failed;
}
